// <live-chat>: one channel's chat on the page; shows what the feed holds, passes on what a person does. It never opens a socket.

import { Feed } from "./chat-feed.js";
import { Own } from "./chat-own.js";
import { Report } from "./chat-report.js";
import { ChatRows, node } from "./chat-rows.js";
import { counted, filled, pieces } from "./chat-text.js";
import { ChatTools } from "./chat-tools.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { Turn } from "./turn.js";
import { Typing } from "./typing.js";

const AT_BOTTOM = 48; // px from the end that still count as reading the newest
const NOTICE = 5_000; // ms a result stays to be read
const COUNTDOWN = 1_000; // ms

export class LiveChat extends HTMLElement {
  #live; #page; #world; #feed; #rows; #tools; #clock; #log; #newer; #votes; #turn; #composer; #typing; #report; #own;
  #drawing = false;
  #caughtUp = false;
  #following = true; // the reader is at the bottom and stays there
  #unread = 0;
  #editing = null; // the message whose text is in the composer
  #reports = new Set(); // keys of reports under way
  #forgetNotice = () => {};
  #stopCountdown = null;

  // `page` is what the page was given: {room, user, name, badge, may, language, sentences, words}.
  start(live, page, world, votes) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#votes = votes;
    this.#feed = new Feed(page);
    this.#own = new Own(live, page, world, this.#feed);
    this.#turn = new Turn(world, { free: page.may.includes("moderate") });
    this.#clock = new Clock(page.language, this.dataset.zone);
    this.#log = this.querySelector(".chat-log");
    this.#newer = this.querySelector(".chat-newer");
    const list = this.querySelector(".chat-rows");
    this.#rows = new ChatRows(list, this.querySelector("#message-row"), page, this.#clock, (at) => this.#reactions(at));
    this.#tools = new ChatTools(list, this.querySelector("#message-tools"), page, world);
    this.#report = new Report(this.querySelector(".report"));
    this.#typing = new Typing(this.querySelector(".chat-typing"), page, world, () => this.#gesture("typing"));
    this.#bind();
    votes.watch((room) => room === page.room && this.#draw());
    live.watch((state) => this.#showState(state));
    for (const write of live.join(page.room, this)) this.#restore(write);
    this.#draw();
  }

  // ---- what Live tells ------------------------------------------------------------------------------------------

  restart() {
    this.#feed.restart();
    this.#turn.restart();
    this.#caughtUp = false;
    this.#draw();
  }

  hear(event) {
    const news = this.#caughtUp && event.is === "chat.said" && event.user !== this.#page.user;
    if (news && !this.#following) this.#unread += 1;
    if (event.is === "chat.retracted" && this.#feed.leaves(event.target)) this.#say(this.#page.words.deleted);
    this.#feed.hear(event);
    this.#turn.hear(event);
    this.#draw();
    if (news) this.dispatchEvent(new CustomEvent("news"));
  }

  caughtUp() {
    this.#caughtUp = true;
    this.#turn.shut("");
    this.#showState(this.#live.state);
    this.#votes.refresh();
    this.#draw();
  }

  sent(key, at, { heard }) {
    if (this.#own.settled(key)) return;
    if (this.#reports.delete(key)) return this.#say(this.#page.words.reported);
    if (!this.#feed.edits(key)) this.#stored(key, at, { heard });
    else this.#feed.changed(key, { heard });
    this.#draw();
  }

  #stored(key, at, { heard }) {
    const target = this.#feed.stay(key);
    if (target === null) {
      this.#feed.sent(key, at, { heard });
      this.#turn.spoke();
    } else if (!heard) {
      this.#feed.leave(target, null); // stored; the event that removes it is on its way
    }
  }

  held(key, at) {
    if (this.#feed.undo(key)) this.#say(this.#page.words.edit_held);
    else this.#feed.held(key, at);
    this.#draw();
  }

  hinted(hint) {
    if (hint.is === "viewers") this.dispatchEvent(new CustomEvent("viewers", { detail: hint.count }));
    if (hint.is === "reacted") this.dispatchEvent(new CustomEvent("reacted", { detail: hint.counts }));
    if (hint.is === "tally") this.#votes.hear(hint.room, hint.counts);
    if (hint.is === "typing") this.#typing.hear(hint);
  }

  muted(until) {
    this.#turn.mute(until);
    if (until <= this.#world.now()) this.#say(this.#page.words.unmuted);
    this.#draw();
  }

  // What of one's own nobody else sees yet, written here, in another tab or before the page was loaded anew.
  waits(texts, over) {
    this.#feed.waits(texts, over);
    this.#draw();
  }

  // What moderators did not publish of one's own; nobody else hears of it.
  dropped(texts) {
    if (this.#feed.dropped(texts) && this.#caughtUp) this.#say(this.#page.words.dropped);
    this.#draw();
  }

  postponed(key, no) {
    this.#turn.wait(no);
    this.#feed.postponed(key, no);
    this.#draw();
  }

  refused(key, no) {
    if (this.#own.settled(key)) return;
    this.#turn.wait(no);
    const { not_deleted, not_edited, not_reported } = this.#page.words;
    if (this.#reports.delete(key)) this.#failed(key, not_reported, no);
    else if (this.#feed.undo(key)) this.#failed(key, not_edited, no);
    else if (this.#feed.stay(key) !== null) this.#failed(key, not_deleted, no);
    else this.#feed.refused(key, no);
    this.#draw();
  }

  closed(no) {
    this.#showState("closed");
    this.#turn.shut(this.#sentence(no) || this.#page.words.state_closed);
    this.#draw();
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  #bind() {
    this.#log.addEventListener("scroll", () => this.#scrolled());
    this.#log.addEventListener("click", (event) => this.#clicked(event));
    this.#log.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const row = event.target.closest(".message");
      if (step && row && this.#rows.walk(row, step)) event.preventDefault();
    });
    this.#newer.addEventListener("click", () => this.#follow());
    // A keyboard that opens, a turned phone: who read the newest goes on reading the newest.
    new ResizeObserver(() => this.#following && this.#toBottom()).observe(this.#log);
    const form = this.querySelector(".composer");
    if (form) this.#compose(form);
  }

  #compose(form) {
    const draft = this.#world.keep(`veche:draft:${this.#page.user}:${this.#page.room}`);
    const change = (text) => this.#change(text);
    this.#composer = new Composer(form, this.#page, draft, (text) => this.#write(text), { change, typing: () => this.#typing.typed() });
    form.addEventListener("keydown", (event) => {
      const last = event.key === "ArrowUp" && this.#composer.empty && this.#feed.lastOwn(this.#world.now());
      if (!last) return;
      event.preventDefault();
      this.#edit(last);
    });
  }

  #write(text) {
    const write = { do: "chat.say", room: this.#page.room, key: this.#world.key(), text, when: this.#world.now() };
    this.#typing.sent();
    this.#feed.write(write);
    this.#live.write(write);
    this.#follow();
  }

  #delete(target) {
    if (!Number.isInteger(target)) {
      this.#own.takeBack(target);
      return this.#say(this.#page.words.deleted);
    }
    const key = this.#world.key();
    this.#feed.leave(target, key);
    this.#live.write({ do: "chat.retract", room: this.#page.room, key, target, when: this.#world.now() });
  }

  // The text that was not published goes back to where one writes.
  #rewrite(item) {
    const gone = this.#own.letGo(item);
    if (!gone) return; // pressed twice
    const { target, text } = gone;
    const message = this.#feed.find(target);
    if (!message) return this.#composer.take(text);
    this.#editing = message;
    this.#composer.edit(text);
  }

  #edit(message) {
    this.#editing = message;
    this.#composer?.edit(message.text);
  }

  #change(text) {
    const { at: target } = this.#feed.own(this.#editing.key) ?? this.#editing; // what waited may be published by now
    if (!Number.isInteger(target)) {
      this.#own.takeBack(target);
      return this.#write(text);
    }
    const key = this.#world.key();
    this.#feed.edit(target, key, text);
    this.#live.write({ do: "chat.edit", room: this.#page.room, key, target, text, when: this.#world.now() });
    this.#draw();
  }

  #tell(message) {
    this.#report.open(message, (text) => {
      const key = this.#world.key();
      this.#reports.add(key);
      this.#live.write({ do: "chat.report", room: this.#page.room, key, target: message.at, text, when: this.#world.now() });
    });
  }

  async #react(at, emoji) {
    const item = `${this.#live.life(this.#page.room)}:${at}:${emoji}`;
    const no = await this.#votes.toggle(this.#page.room, "chat", item);
    if (no !== true) this.#say(no.text || this.#page.words.vote_failed);
  }

  #reactions(at) {
    const beginning = `${this.#live.life(this.#page.room)}:${at}:`;
    const found = [];
    for (const [item, count] of this.#votes.of(this.#page.room, beginning)) {
      found.push({ emoji: item.slice(beginning.length), count, mine: this.#votes.mine(this.#page.room, item) });
    }
    return found.sort((one, other) => other.count - one.count || one.emoji.localeCompare(other.emoji));
  }

  #gesture(what) {
    this.#live.gesture({ do: what, room: this.#page.room });
  }

  // What was written before the page was loaded anew.
  #restore(write) {
    if (write.do === "chat.say") this.#feed.write(write);
    if (write.do === "chat.retract") this.#feed.leave(write.target, write.key);
    if (write.do === "chat.edit") this.#feed.edit(write.target, write.key, write.text);
    if (write.do === "chat.report") this.#reports.add(write.key);
    this.#own.restore(write);
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const row = button?.closest(".message");
    if (!row) return;
    const { key, at } = row.dataset;
    const is = (name) => button.classList.contains(name);
    const message = this.#feed.find(Number(at));
    if (is("message-delete")) this.#delete(Number(at));
    if (is("message-edit") && message) this.#edit(message);
    if (is("message-report") && message) this.#tell(message);
    if (button.dataset.emoji && message) this.#react(message.at, button.dataset.emoji);
    if (is("message-remove")) this.#own.remove(row.dataset);
    if (is("message-rewrite")) this.#rewrite(row.dataset.item);
    if (is("message-retry")) {
      this.#feed.retry(key);
      this.#live.retry(key);
    }
    const menu = button.closest("details");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus(); // the button is hidden now
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
    this.#tools.refresh();
    this.querySelector(".chat-skeleton").hidden = this.#caughtUp || !this.#feed.empty || this.#turn.what().is === "shut";
    this.querySelector(".chat-empty").hidden = !this.#caughtUp || !this.#feed.empty;
    this.querySelector(".chat-earlier").hidden = !this.#feed.trimmed;
    this.#drawPinned(this.#feed.pinned);
    this.#drawTurn();
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

  // Above the composer: why one has to wait, or may not write. What was begun to be written stays.
  #drawTurn() {
    const turn = this.#turn.what();
    const words = this.#page.words;
    const place = this.querySelector(".chat-turn");
    const sentence = {
      free: () => "",
      shut: () => turn.why,
      muted: () => filled(words.muted, { time: this.#clock.time(turn.until) }),
      closed: () => words.room_closed,
      slow: () => `${counted(words.slow, turn.seconds, this.#page.language)}${turn.left ? `. ${counted(words.slow_left, turn.left, this.#page.language)}` : ""}`,
    }[turn.is]();
    if (place.textContent !== sentence) place.textContent = sentence;
    place.hidden = sentence === "";
    place.setAttribute("aria-live", turn.is === "slow" ? "off" : "polite"); // a countdown is not read out
    const form = this.querySelector(".composer");
    if (form) form.hidden = ["muted", "closed", "shut"].includes(turn.is);
    if ((turn.is === "muted" || turn.left) && !this.#stopCountdown) {
      this.#stopCountdown = this.#world.later(COUNTDOWN, () => {
        this.#stopCountdown = null;
        this.#drawTurn();
      });
    }
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
    this.querySelector(".chat-sign-in").hidden = name !== "signed-out";
    this.#draw();
  }

  #failed(key, sentence, no) {
    this.#live.remove(key);
    this.#say(`${sentence}. ${this.#sentence(no)}`);
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
