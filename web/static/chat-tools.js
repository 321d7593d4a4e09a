// What can be done with one message: a row of buttons that comes to the message one points at or stands on. It decides nothing.

import { EDITED_WITHIN } from "./chat-feed.js";

export class ChatTools {
  #template; #page; #world;
  #row = null; // the message the tools stand at
  #tools = null;

  // `template` holds the tools; `page` is {user, may, words}.
  constructor(list, template, page, world) {
    this.#template = template;
    this.#page = page;
    this.#world = world;
    list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#near(event.target));
    list.addEventListener("focusin", (event) => this.#near(event.target));
    list.addEventListener("click", (event) => this.#near(event.target)); // a finger
  }

  // The tools close what they opened; what a message is changed meanwhile.
  refresh() {
    if (!this.#row?.isConnected) return this.#leave();
    this.#fill();
  }

  #near(target) {
    const row = target.closest?.(".message");
    if (!row || row === this.#row) return;
    this.#leave();
    this.#row = row;
    this.#tools = this.#template.content.firstElementChild.cloneNode(true);
    row.append(this.#tools);
    this.#fill();
  }

  #fill() {
    const { at, user, state, when } = this.#row.dataset;
    const own = Number(user) === this.#page.user;
    const { may } = this.#page;
    const part = (name) => this.#tools.querySelector(name);
    const hidden = at === "" || state === "leaving";
    if (hidden && this.#tools.contains(document.activeElement)) this.#row.focus();
    this.#tools.hidden = hidden;
    const alone = state === "held"; // its note says what it waits for, and has the button that takes it back
    part(".message-emoji").hidden = alone || !may.includes("say");
    part(".message-edit").hidden = !own || !may.includes("say") || this.#world.now() - Number(when) >= EDITED_WITHIN;
    part(".message-delete").hidden = alone || (!own && !may.includes("moderate"));
    part(".message-report").hidden = own || may.includes("moderate") || !may.includes("say");
  }

  #leave() {
    this.#tools?.remove();
    this.#row = this.#tools = null;
  }
}
