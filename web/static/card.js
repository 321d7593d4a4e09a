// The card of what is on now, fetched anew when its session ends or the next begins. It touches no document; the page does.

import { SITE_KNOWS } from "./reread.js";

const AT_LEAST = 5_000; // ms; a session that ended while the page loaded is not asked for at once
const SPREAD = 20_000; // ms over which all pages of a channel ask
const SOON = 6_000; // ms over which they ask when something began that they did not come with
const AGAIN = 60_000; // ms until the next attempt when the site did not answer
const LONGEST = 2 ** 31 - 1; // ms; browsers count a longer wait as none

export class Card {
  #world;
  #place;
  #cancel = () => {};

  // `place` shows the card: until() is when it grows old (ms, or NaN), show(html) puts a fetched card in its place,
  // has(session) says whether the page came with the card of a session, and put(session) shows that.
  constructor(world, place) {
    this.#world = world;
    this.#place = place;
  }

  watch() {
    const until = this.#place.until();
    if (!Number.isNaN(until)) this.#refreshIn(Math.max(until - this.#world.now() + SITE_KNOWS, AT_LEAST));
  }

  // Another session is on. Thousands of pages hear it at once: those that have its card show it, and ask later.
  turn(session) {
    const has = this.#place.has(session);
    if (has) this.#place.put(session);
    this.#refreshIn(has ? AT_LEAST : SITE_KNOWS, has ? SPREAD : SOON);
  }

  #refreshIn(wait, within = SPREAD) {
    this.#cancel();
    const spread = wait + this.#world.random() * within;
    if (spread <= LONGEST) this.#cancel = this.#world.later(spread, () => this.#refresh());
  }

  async #refresh() {
    const html = await this.#fetched();
    if (html === null) return this.#refreshIn(AGAIN);
    this.#place.show(html);
    this.watch();
  }

  // It, or null when it is not to be had now: offline, a site that restarts, signed out.
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
