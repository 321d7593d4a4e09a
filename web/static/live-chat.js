// <live-chat>: one channel's chat on the page: draws what the feed holds and passes on what a person does. It never opens a socket.

import { Feed } from "./chat-feed.js";
import { counted, filled, length, LIMIT, pieces } from "./chat-text.js";

const AT_BOTTOM = 48; // px from the end that still count as reading the newest
const COUNT_FROM = 200; // characters left when the counter appears
const NOTICE = 5_000; // ms a result stays to be read
const QUARTER = 15 * 60_000; // ms; every zone's midnight falls on a whole quarter of an hour

export class LiveChat extends HTMLElement {
  #live; #page; #world; #feed; #words;
  #rows = new Map(); // id of a message -> its element
  #log; #form; #input; #newer; #notice; #draft;
  #drawing = false;
  #following = true; // the reader is at the bottom and stays there
  #unread = 0;
  #caughtUp = false;
  #forgetNotice = () => {};

  // `page` is what the page was given: {room, user, name, badge, may, language, sentences, words}.
  start(live, page, world) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#words = page.words;
    this.#feed = new Feed(page);
    this.#log = this.querySelector(".chat-log");
    this.#form = this.querySelector(".composer");
    this.#newer = this.querySelector(".chat-newer");
    this.#notice = this.querySelector(".chat-notice");
    this.#clock = new Clock(page.language, this.dataset.zone);
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
    if (event.is === "chat.retracted" && event.by === this.#page.user) this.#say(this.#words.deleted);
    this.#feed.hear(event);
    this.#draw();
    if (news) this.dispatchEvent(new CustomEvent("news", { bubbles: true }));
  }

  caughtUp() {
    this.#caughtUp = true;
    this.#draw();
  }

  sent(key, at, { heard }) {
    const target = this.#feed.stay(key);
    if (target === null) this.#feed.sent(key, at, { heard });
    else if (!heard) this.#feed.leave(target, key); // stored; the event that removes it is on its way
    this.#draw();
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
      this.#say(`${this.#words.not_deleted}. ${this.#sentence(no)}`);
    }
    this.#draw();
  }

  closed(no) {
    this.#showState("closed");
    this.#say(this.#sentence(no));
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  #clock;

  #bind() {
    this.#log.addEventListener("scroll", () => this.#scrolled());
    this.#log.addEventListener("click", (event) => this.#clicked(event));
    this.#log.addEventListener("keydown", (event) => this.#walk(event));
    this.#newer.addEventListener("click", () => this.#follow());
    // A keyboard that opens, a turned phone: who read the newest goes on reading the newest.
    new ResizeObserver(() => this.#following && this.#toBottom()).observe(this.#log);
    if (this.#form) this.#bindComposer();
  }

  #bindComposer() {
    this.#input = this.#form.querySelector("textarea");
    this.#draft = this.#world.keep(`veche:draft:${this.#page.user}:${this.#page.room}`);
    // Someone may have begun to write before this script arrived.
    if (this.#input.value === "") this.#input.value = this.#draft.read() ?? "";
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => {
      const composing = event.isComposing || event.keyCode === 229; // an input method is choosing a word
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#typed();
  }

  #typed() {
    const left = LIMIT - length(this.#input.value.trim());
    const count = this.#form.querySelector(".composer-count");
    const { left: some, over } = this.#words;
    count.hidden = left > COUNT_FROM;
    count.textContent = counted(left < 0 ? over : some, Math.abs(left), this.#page.language);
    count.classList.toggle("over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#draft.write(this.#input.value);
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + 2}px`; // 2: the borders
  }

  #submit() {
    const text = this.#input.value.trim();
    if (text === "" || length(text) > LIMIT) {
      this.#input.focus();
      return;
    }
    const write = { do: "chat.say", room: this.#page.room, key: this.#world.key(), text, when: this.#world.now() };
    this.#feed.write(write);
    this.#live.write(write);
    this.#input.value = "";
    this.#typed();
    this.#input.focus();
    this.#follow();
    this.#draw();
  }

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

  #delete(target) {
    const key = this.#world.key();
    this.#feed.leave(target, key);
    this.#live.write({ do: "chat.retract", room: this.#page.room, key, target, when: this.#world.now() });
  }

  // One stop of the Tab key for all delete buttons; arrows go from one to the next.
  #walk(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const buttons = [...this.#log.querySelectorAll(".message-delete:not([hidden])")];
    const here = buttons.indexOf(event.target);
    if (!step || here < 0 || !buttons[here + step]) return;
    event.preventDefault();
    for (const one of buttons) one.tabIndex = -1;
    buttons[here + step].tabIndex = 0;
    buttons[here + step].focus();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  // Many events of one moment are drawn once.
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#drawRows();
      this.#drawRest();
    });
  }

  #drawRows() {
    const rows = this.#feed.rows((when) => this.#clock.day(when));
    // A screen reader hears what comes, not the history it comes after.
    this.#log.setAttribute("aria-live", this.#log.dataset.drawn ? "polite" : "off");
    const list = this.#log.querySelector(".chat-rows");
    const gone = new Set(this.#rows.keys());
    let place = list.firstElementChild;
    for (const row of rows) {
      gone.delete(row.id);
      const element = this.#rows.get(row.id) ?? this.#make(row.id);
      this.#fill(element, row);
      if (element === place) place = place.nextElementSibling;
      else list.insertBefore(element, place);
    }
    for (const id of gone) this.#unmake(id);
    this.#oneTabStop(list);
    if (this.#following) this.#toBottom();
    if (this.#caughtUp) requestAnimationFrame(() => (this.#log.dataset.drawn = "yes"));
  }

  #drawRest() {
    const quiet = this.#caughtUp && this.#feed.empty;
    this.querySelector(".chat-skeleton")?.toggleAttribute("hidden", this.#caughtUp || !this.#feed.empty);
    this.querySelector(".chat-empty").hidden = !quiet;
    this.querySelector(".chat-earlier").hidden = !this.#feed.trimmed;
    this.#newer.hidden = this.#unread === 0;
    if (this.#unread > 0) this.#newer.textContent = counted(this.#words.new, this.#unread, this.#page.language);
  }

  #make(id) {
    const element = this.querySelector("#message-row").content.firstElementChild.cloneNode(true);
    this.#rows.set(id, element);
    return element;
  }

  #unmake(id) {
    const element = this.#rows.get(id);
    if (element.contains(document.activeElement)) this.#log.focus();
    element.remove();
    this.#rows.delete(id);
  }

  #fill(element, row) {
    const drawn = JSON.stringify([row.at, row.state, row.day, row.first, row.leaving, row.no, this.#live.state]);
    if (element.dataset.drawn === drawn) return;
    const fresh = element.dataset.drawn === undefined;
    element.dataset.drawn = drawn;
    element.dataset.key = row.key;
    element.dataset.at = row.at ?? "";
    element.dataset.state = row.leaving ? "leaving" : row.state;
    element.classList.toggle("first", row.first);
    if (fresh) this.#fillOnce(element, row);
    const day = element.querySelector(".message-day");
    day.hidden = !row.day;
    if (row.day) day.textContent = this.#clock.day(row.when);
    this.#fillNote(element, row);
    element.querySelector(".message-delete").hidden = row.at === null || row.leaving || !this.#mayDelete(row);
  }

  #fillOnce(element, row) {
    const time = this.#clock.time(row.when);
    element.classList.toggle("own", row.user === this.#page.user);
    element.querySelector(".message-name").textContent = row.name;
    const badge = element.querySelector(".badge");
    badge.hidden = !row.badge;
    badge.textContent = this.#words[`badge_${row.badge}`] ?? row.badge;
    const stamp = element.querySelector("time");
    stamp.textContent = time;
    stamp.dateTime = new Date(row.when).toISOString();
    element.querySelector(".message-text").replaceChildren(...pieces(row.text).map(node));
    const label = filled(this.#words.delete_label, { name: row.name, time, text: row.text.slice(0, 60) });
    const button = element.querySelector(".message-delete");
    button.setAttribute("aria-label", label);
    button.title = this.#words.delete;
  }

  #fillNote(element, row) {
    const note = element.querySelector(".message-note");
    const refused = row.state === "refused";
    const text = this.#noteOf(row);
    note.hidden = text === "";
    note.querySelector("span").textContent = text;
    note.querySelector(".message-retry").hidden = !refused;
    note.querySelector(".message-remove").hidden = !refused;
  }

  #noteOf(row) {
    const offline = this.#live.state !== "live";
    if (row.leaving) return this.#words.deleting;
    if (row.state === "refused") return `${this.#words.refused}. ${this.#sentence(row.no)}`;
    if (row.state === "said") return "";
    if (offline) return this.#words.waiting;
    return row.state === "waiting" ? this.#sentence(row.no) : "";
  }

  #sentence(no) {
    return this.#page.sentences[no.code] ?? no.text;
  }

  #mayDelete(row) {
    return row.user === this.#page.user || this.#page.may.includes("moderate");
  }

  #oneTabStop(list) {
    const buttons = [...list.querySelectorAll(".message-delete:not([hidden])")];
    const stop = buttons.find((one) => one === document.activeElement) ?? buttons.at(-1);
    for (const one of buttons) one.tabIndex = one === stop ? 0 : -1;
  }

  // ---- scrolling and telling ------------------------------------------------------------------------------------

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    if (clientHeight === 0) return; // another panel is shown
    this.#following = scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
    if (this.#following && this.#unread > 0) {
      this.#unread = 0;
      this.#draw();
    }
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

  #showState(state) {
    const name = state === "idle" ? "connecting" : state.replace("-", "_");
    const line = this.querySelector(".chat-state");
    this.dataset.state = state;
    line.textContent = this.#words[`state_${name}`];
    this.querySelector(".chat-sign-in").hidden = state !== "signed-out";
    if (this.#feed) this.#draw();
  }

  #say(sentence) {
    this.#forgetNotice();
    this.#notice.textContent = sentence;
    this.#forgetNotice = this.#world.later(NOTICE, () => (this.#notice.textContent = ""));
  }
}

// Times and days as this conference's zone has them.
class Clock {
  #time; #day;
  #days = new Map(); // quarter of an hour -> day; asking Intl for every row of every drawing would be slow

  constructor(language, timeZone) {
    this.#time = new Intl.DateTimeFormat(language, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const known = Intl.DateTimeFormat.supportedLocalesOf(language).length > 0; // Kazakh is missing in some browsers
    const month = known ? "long" : "2-digit";
    this.#day = new Intl.DateTimeFormat(known ? language : "ru", { timeZone, day: "numeric", month });
  }

  time(when) {
    return this.#time.format(when);
  }

  day(when) {
    const quarter = Math.floor(when / QUARTER);
    if (!this.#days.has(quarter)) this.#days.set(quarter, this.#day.format(when));
    return this.#days.get(quarter);
  }
}

function node({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = document.createElement("a");
  Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener nofollow ugc" });
  return link;
}

customElements.define("live-chat", LiveChat);
