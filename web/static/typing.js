// Who is typing: says it of oneself now and then, and shows it of others for a moment. It opens no socket.

import { filled } from "./chat-text.js";

const SAID_EVERY = 3_000; // ms
const FORGOTTEN_AFTER = 5_000; // ms

export class Typing {
  #place; #page; #world; #say;
  #said = 0;
  #forget = () => {};

  // `place` shows it; `say()` tells the room; `page` is {user, words}.
  constructor(place, page, world, say) {
    this.#place = place;
    this.#page = page;
    this.#world = world;
    this.#say = say;
  }

  typed() {
    if (this.#world.now() - this.#said < SAID_EVERY) return;
    this.#said = this.#world.now();
    this.#say();
  }

  // A message is sent: what comes next is said anew.
  sent() {
    this.#said = 0;
  }

  hear({ who, count }) {
    const others = who.filter(({ user }) => user !== this.#page.user);
    const more = count - (who.length - others.length) - 1; // besides the one who is named
    if (others.length === 0) return;
    const { typing_one: one, typing_more: many } = this.#page.words;
    this.#place.textContent = filled(more > 0 ? many : one, { name: others[0].name });
    this.#forget();
    this.#forget = this.#world.later(FORGOTTEN_AFTER, () => (this.#place.textContent = ""));
  }
}
