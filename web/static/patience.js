// When a broken broadcast is tried again, and when it is said that it is broken. It plays nothing itself.

const FIRST = 1_000; // ms before the first new attempt; doubles
const LAST = 15_000; // ms between attempts while something is on
const QUIET = 30_000; // ms between attempts while nothing is on: a hall that waits does not storm the server
const SILENT = 4; // attempts nobody is told of; about a quarter of a minute

export class Patience {
  #world; #attempt; #told;
  #failures = 0;
  #cancel = null;
  live = false; // whether something is on: only then somebody misses it

  // `attempt()` tries again; `told(broken)` hears whether it is to be said that the broadcast is away.
  constructor(world, { attempt, told }) {
    this.#world = world;
    this.#attempt = attempt;
    this.#told = told;
  }

  failed() {
    if (this.#cancel) return; // it failed twice in one attempt
    this.#failures += 1;
    if (this.live && this.#failures > SILENT) this.#told(true);
    const delay = this.live ? Math.min(FIRST * 2 ** (this.#failures - 1), LAST) : QUIET;
    this.#retryIn(delay * (0.5 + this.#world.random() / 2));
  }

  succeeded() {
    this.stop();
    this.#failures = 0;
    this.#told(false);
  }

  // Somebody asks for it, or it has just begun.
  now() {
    this.stop();
    this.#told(false);
    this.#attempt();
  }

  stop() {
    this.#cancel?.();
    this.#cancel = null;
  }

  #retryIn(delay) {
    this.#cancel = this.#world.later(delay, () => {
      this.#cancel = null;
      this.#attempt();
    });
  }
}
