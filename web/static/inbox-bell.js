// <inbox-bell>: the bell in the page's head, with the number of unread notices and a small list of them. It opens no socket.

import { counted } from "./chat-text.js";
import { Clock } from "./clock.js";
import { Inbox } from "./inbox.js";

export class InboxBell extends HTMLElement {
  #live; #page; #world; #clock;
  #inbox = new Inbox();

  // `page` is what the page was given: {inbox: room, words, language}.
  start(live, page, world) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#clock = new Clock(page.language, this.dataset.zone);
    this.querySelector("details").addEventListener("toggle", ({ target }) => (target.open ? this.#draw() : this.#read()));
    this.addEventListener("click", ({ target }) => target.closest("a[href]") && this.#leave()); // perhaps to a place on this page
    live.join(page.inbox, this);
    this.#draw();
  }

  restart() {
    this.#inbox.restart();
    this.#draw();
  }

  hear(event) {
    if (!this.#inbox.hear(event)) return;
    this.#draw();
    if (event.is === "notified") this.dispatchEvent(new CustomEvent("notified", { detail: event }));
  }

  caughtUp() {
    this.#draw();
  }

  sent() {}
  held() {}
  postponed() {}
  refused(key) {
    this.#live.remove(key); // it is read again the next time the list is looked at
  }
  closed() {}
  muted() {}
  hinted() {}

  #leave() {
    this.querySelector("details").open = false;
  }

  // What was looked at counts as read, on all devices; it stays marked while the list is open.
  #read() {
    const read = this.#inbox.toRead;
    if (!read) return;
    this.#live.write({ do: "inbox.read", room: this.#page.inbox, key: this.#world.key(), ...read, when: this.#world.now() });
  }

  #draw() {
    const { unread, notices } = this.#inbox;
    const { words, language } = this.#page;
    const count = this.querySelector(".inbox-count");
    count.hidden = unread === 0;
    count.textContent = unread > 99 ? "99+" : String(unread);
    this.querySelector(".inbox-label").textContent = unread ? counted(words.notices_unread, unread, language) : words.notices;
    this.querySelector(".inbox-empty").hidden = notices.length > 0;
    this.querySelector("ul").replaceChildren(...notices.map((one) => this.#row(one)));
  }

  #row({ text, link, when, isNew }) {
    const row = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const target = row.querySelector("a");
    row.classList.toggle("new", isNew);
    row.querySelector(".unseen").hidden = !isNew;
    row.querySelector(".inbox-text").textContent = text;
    row.querySelector("time").textContent = `${this.#clock.day(when)}, ${this.#clock.time(when)}`;
    if (/^\/(?!\/)/.test(link)) target.href = link; // within this site only
    return row;
  }
}

customElements.define("inbox-bell", InboxBell);
