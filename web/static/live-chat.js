// <live-chat>: one channel's chat on the page; shows what the feed holds, passes on what a person does. It never opens a socket.

import { Feed } from "./chat-feed.js";
import { ChatRows, node } from "./chat-rows.js";
import { counted, filled, pieces } from "./chat-text.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";

const AT_BOTTOM = 48; // px from the end that still count as reading the newest
const NOTICE = 5_000; // ms a result stays to be read

export class LiveChat extends HTMLElement {
  #live; #page; #world; #feed; #rows; #clock; #log; #newer;
  #drawing = false;
  #caughtUp = false;
  #following = true; // the reader is at the bottom and stays there
  #unread = 0;
  #forgetNotice = () => {};

  // `page` is what the page was given: {room, user, name, badge, may, language, sentences, words}.
  start(live, page, world) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#feed = new Feed(page);
    this.#clock = new Clock(page.language, this.dataset.zone);
    this.#log = this.querySelector(".chat-log");
    this.#newer = this.querySelector(".chat-newer");
    const template = this.querySelector("#message-row");
    this.#rows = new ChatRows(this.querySelector(".chat-rows"), template, page, this.#clock);
    this.#bind();
    live.watch((state) => this.#showState(state));
    for (const write of live.join(page.room, this)) this.#restore(write);
    this.#draw();
  }

  // ---- what Live tells ------------------------------------------------------------------------------------------

  restart() {
    this.#feed.restart();
    this.#caughtUp = false;
    this.#draw();
  }

  hear(event) {
    const news = this.#caughtUp && event.is === "chat.said" && event.user !== this.#page.user;
    if (news && !this.#following) this.#unread += 1;
    if (event.is === "chat.retracted" && this.#feed.leaves(event.target)) this.#say(this.#page.words.deleted);
    this.#feed.hear(event);
    this.#draw();
    if (news) this.dispatchEvent(new CustomEvent("news"));
  }

  caughtUp() {
    this.#caughtUp = true;
    this.#draw();
  }

  sent(key, at, { heard }) {
    const target = this.#feed.stay(key);
    if (target === null) this.#feed.sent(key, at, { heard });
    else if (!heard) this.#feed.leave(target, null); // stored; the event that removes it is on its way
    this.#draw();
  }

  held(key) {
    this.#feed.held(key);
    this.#draw();
  }

  hinted(hint) {
    if (hint.is === "viewers") this.dispatchEvent(new CustomEvent("viewers", { detail: hint.count }));
  }

  muted(until) {
    const { muted, unmuted } = this.#page.words;
    this.#say(until > this.#world.now() ? filled(muted, { time: this.#clock.time(until) }) : unmuted);
  }

  postponed(key, no) {
    this.#feed.postponed(key, no);
    this.#draw();
  }

  refused(key, no) {
    if (this.#feed.stay(key) === null) {
      this.#feed.refused(key, no);
    } else {
      this.#live.remove(key);
      this.#say(`${this.#page.words.not_deleted}. ${this.#sentence(no)}`);
    }
    this.#draw();
  }

  closed(no) {
    this.#showState("closed");
    this.#say(this.#sentence(no));
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  #bind() {
    this.#log.addEventListener("scroll", () => this.#scrolled());
    this.#log.addEventListener("click", (event) => this.#clicked(event));
    this.#log.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const button = event.target.closest(".message-delete");
      if (step && button && this.#rows.walk(button, step)) event.preventDefault();
    });
    this.#newer.addEventListener("click", () => this.#follow());
    // A keyboard that opens, a turned phone: who read the newest goes on reading the newest.
    new ResizeObserver(() => this.#following && this.#toBottom()).observe(this.#log);
    const form = this.querySelector(".composer");
    const draft = this.#world.keep(`veche:draft:${this.#page.user}:${this.#page.room}`);
    if (form) new Composer(form, this.#page, draft, (text) => this.#write(text));
  }

  #write(text) {
    const write = { do: "chat.say", room: this.#page.room, key: this.#world.key(), text, when: this.#world.now() };
    this.#feed.write(write);
    this.#live.write(write);
    this.#follow();
  }

  #delete(target) {
    const key = this.#world.key();
    this.#feed.leave(target, key);
    this.#live.write({ do: "chat.retract", room: this.#page.room, key, target, when: this.#world.now() });
  }

  // What was written before the page was loaded anew.
  #restore(write) {
    if (write.do === "chat.say") this.#feed.write(write);
    if (write.do === "chat.retract") this.#feed.leave(write.target, write.key);
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const row = button?.closest(".message");
    if (!row) return;
    const { key, at } = row.dataset;
    if (button.classList.contains("message-delete")) this.#delete(Number(at));
    if (button.classList.contains("message-remove")) {
      this.#live.remove(key);
      this.#feed.remove(key);
    }
    if (button.classList.contains("message-retry")) {
      this.#feed.retry(key);
      this.#live.retry(key);
    }
    this.#draw();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  // Many events of one moment are drawn once.
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    const rows = this.#feed.rows((when) => this.#clock.day(when));
    if (this.#rows.draw(rows, { online: this.#live.state === "live" })) this.#log.focus();
    this.querySelector(".chat-skeleton").hidden = this.#caughtUp || !this.#feed.empty;
    this.querySelector(".chat-empty").hidden = !this.#caughtUp || !this.#feed.empty;
    this.querySelector(".chat-earlier").hidden = !this.#feed.trimmed;
    this.#drawPinned(this.#feed.pinned);
    this.#newer.hidden = this.#unread === 0;
    if (this.#unread > 0) this.#newer.textContent = counted(this.#page.words.new, this.#unread, this.#page.language);
    if (this.#following) this.#toBottom();
    // A screen reader hears what comes from now on, not the history.
    if (this.#caughtUp) requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
    else this.#log.setAttribute("aria-live", "off");
  }

  #drawPinned(pinned) {
    this.querySelector(".chat-pinned").hidden = pinned === null;
    this.querySelector(".chat-pinned-name").textContent = pinned?.name ?? "";
    this.querySelector(".chat-pinned-text").replaceChildren(...pieces(pinned?.text ?? "").map(node));
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    if (clientHeight === 0) return; // another panel is shown
    this.#following = scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
    if (this.#following && this.#unread > 0) this.#follow();
  }

  #follow() {
    this.#following = true;
    this.#unread = 0;
    this.#toBottom();
    this.#draw();
  }

  #toBottom() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  // ---- telling --------------------------------------------------------------------------------------------------

  #showState(state) {
    const name = state === "idle" ? "connecting" : state;
    this.dataset.state = name;
    this.querySelector(".chat-state").textContent = this.#page.words[`state_${name.replace("-", "_")}`];
    this.querySelector(".chat-sign-in").hidden = name !== "signed-out";
    this.#draw();
  }

  #say(sentence) {
    const notice = this.querySelector(".chat-notice");
    this.#forgetNotice();
    notice.textContent = sentence;
    this.#forgetNotice = this.#world.later(NOTICE, () => (notice.textContent = ""));
  }

  #sentence(no) {
    return this.#page.sentences[no.code] ?? no.text;
  }
}

customElements.define("live-chat", LiveChat);
