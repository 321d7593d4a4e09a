// The card of what is on now, fetched anew when its session ends or the next begins. It touches no document; the page does.

const AT_LEAST = 5_000; // ms; a session that ended while the page loaded is not asked for at once
const SPREAD = 20_000; // ms over which all pages of a channel ask
const AGAIN = 60_000; // ms until the next attempt when the site did not answer
const LONGEST = 2 ** 31 - 1; // ms; browsers count a longer wait as none

export class Card {
  #world;
  #place;

  // `place` shows the card: until() is when it grows old (ms, or NaN), show(html) puts a fetched page's card in its place.
  constructor(world, place) {
    this.#world = world;
    this.#place = place;
  }

  watch() {
    const until = this.#place.until();
    if (!Number.isNaN(until)) this.#refreshIn(Math.max(until - this.#world.now(), AT_LEAST));
  }

  #refreshIn(wait) {
    const spread = wait + this.#world.random() * SPREAD;
    if (spread <= LONGEST) this.#world.later(spread, () => this.#refresh());
  }

  async #refresh() {
    const html = await this.#fetched();
    if (html === null) return this.#refreshIn(AGAIN);
    this.#place.show(html);
    this.watch();
  }

  // The page, or null when it is not to be had now: offline, a site that restarts, signed out.
  async #fetched() {
    try {
      const answer = await this.#world.fetch(this.#place.address);
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch (wrong) {
      console.warn("The card could not be fetched, it is tried again:", wrong);
      return null;
    }
  }
}
