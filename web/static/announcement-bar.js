// <announcement-bar>: what everybody of the conference is told, on top of the page until it is over or put away.

import { node } from "./chat-rows.js";
import { pieces } from "./chat-text.js";

const LONGEST = 2 ** 31 - 1; // ms; browsers count a longer wait as none

export class AnnouncementBar extends HTMLElement {
  #world; #keep;
  #told = new Map(); // item -> announced event
  #putAway = new Set();
  #cancel = () => {};

  // `page` is what the page was given: {announcements: room, user}.
  start(live, page, world) {
    this.#world = world;
    this.#keep = world.keep(`veche:announcements:${page.user}`);
    this.#putAway = new Set(this.#keep.read() ?? []);
    this.querySelector("button").addEventListener("click", () => this.#away());
    live.join(page.announcements, this);
  }

  restart() {
    this.#told.clear();
  }

  hear(event) {
    if (event.is === "announced") this.#told.set(event.item, event);
    if (event.is === "withdrawn") this.#told.delete(event.item);
    this.#draw();
  }

  caughtUp() {
    this.#draw();
  }

  sent() {}
  held() {}
  postponed() {}
  refused() {}
  closed() {}
  muted() {}
  hinted() {}

  #draw() {
    const now = this.#world.now();
    const standing = [...this.#told.values()].filter((one) => !one.until || one.until > now);
    const shown = standing.filter((one) => !this.#putAway.has(one.item)).at(-1);
    this.dataset.item = shown?.item ?? "";
    this.hidden = shown === undefined;
    const place = this.querySelector("p");
    if (place.dataset.text !== (shown?.text ?? "")) {
      place.dataset.text = shown?.text ?? "";
      place.replaceChildren(...pieces(shown?.text ?? "").map(node));
    }
    this.#cancel();
    const over = Math.min(...standing.filter(({ until }) => until).map(({ until }) => until - now));
    if (over <= LONGEST) this.#cancel = this.#world.later(over, () => this.#draw());
  }

  #away() {
    this.#putAway.add(this.dataset.item);
    this.#keep.write([...this.#putAway]);
    this.#draw();
  }
}

customElements.define("announcement-bar", AnnouncementBar);
