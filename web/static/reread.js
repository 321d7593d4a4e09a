// When a page asks the site again for what its room told of: once the site is sure to know, and each page at its own moment.

export const SITE_KNOWS = 1_000; // ms; what all readers share the site asks for once a second (web/moments.py)
const AGAIN = 30_000; // ms until the next attempt when the site did not answer

export class Reread {
  #world; #within; #read;
  #asked = []; // why it may have to be read
  #cancel = () => {};

  // `within`: ms over which all pages ask; `read()` resolves to whether it was read.
  constructor(world, within, read) {
    this.#world = world;
    this.#within = within;
    this.#read = read;
  }

  // Once, however many events say so. `needed()` is asked when the time has come: perhaps it was read meanwhile.
  soon(needed = () => true) {
    this.#asked.push(needed);
    this.#in(SITE_KNOWS);
  }

  #in(wait) {
    this.#cancel();
    this.#cancel = this.#world.later(wait + this.#world.random() * this.#within, async () => {
      const asked = this.#asked.splice(0);
      if (!asked.some((needed) => needed()) || (await this.#read())) return;
      this.#asked.push(...asked);
      this.#in(AGAIN);
    });
  }
}

// What a room told of its polls, beside what a page shows of them.
export class Standing {
  #told = new Map(); // poll -> open, closed or gone

  hear({ poll, status }) {
    this.#told.set(poll, status);
  }

  restart() {
    this.#told.clear();
  }

  // Whether the page shows something else. `shows(poll)` is the status it shows; undefined: it does not show the poll,
  // which is right for one that is gone, and for one that was over before all those it shows.
  differs(shows) {
    return [...this.#told].some(([poll, told]) => {
      const shown = shows(poll);
      return told === "open" ? shown !== "open" : shown !== undefined && shown !== told;
    });
  }
}
