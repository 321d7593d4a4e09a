// <moderation-console>: columns, keys and focus of the moderators' page; shows what the desk holds, passes on what a person does.

import { Acting, ear } from "./console-acting.js";
import { offered } from "./console-acts.js";
import { ANY, channels, columns, COLUMNS, neighbour } from "./console-board.js";
import { Desk, nameOf, ROOMS } from "./console-desk.js";
import { Forms } from "./console-forms.js";
import { Head } from "./console-head.js";
import { verbOf } from "./console-keys.js";
import { Log } from "./console-log.js";
import { PersonPanel } from "./console-person.js";
import { Column } from "./console-rows.js";
import { Similar } from "./console-similar.js";
import { Strip } from "./console-strip.js";
import { swipes } from "./console-swipe.js";
import { Clock } from "./clock.js";

const TICK = 1_000; // ms between looks at the clock: countdowns, and who looks where
const LOOK = 8_000; // ms after which one says again what one looks at
const NOTICE = 6_000; // ms a result stays to be read

export class ModerationConsole extends HTMLElement {
  #live; #page; #world; #desk; #log; #acting; #columns; #forms; #strip; #person; #head;
  #filter = { ...ANY };
  #board = Object.fromEntries(COLUMNS.map((name) => [name, []]));
  #similar = new Similar();
  #column = "waiting";
  #current = {}; // by column: the id of the row one is at
  #looked = { room: "", item: "", at: 0 };
  #drawing = false;
  #held = null; // messages of the feed as they were when somebody began to look at them
  #forgetNotice = () => {};

  // `page` is what the page was given: live.js's part, {channels, sessions, team, votes, reasons, desk, addresses}.
  start(live, page, world) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    const numbers = page.channels.map(({ id }) => id);
    this.#desk = new Desk(page, numbers, world.now, page.votes);
    this.#log = new Log(world.now);
    this.#acting = new Acting(live, this.#desk, this.#log, world, numbers);
    const clock = new Clock(page.language, page.zone);
    const context = {
      desk: this.#desk, clock,
      manyChannels: () => numbers.length > 1 && !this.#filter.channel,
      channelName: (number) => page.channels.find(({ id }) => id === number)?.name ?? "",
      sessionName: (number) => page.sessions.find(({ id }) => id === number)?.title ?? "",
      nameOf: (user) => page.team[user] ?? this.#nameOf(user) ?? page.words.somebody,
      similar: (row) => this.#similar.of(row, (id) => this.#desk.row(id)),
    };
    const template = document.getElementById("console-row");
    this.#columns = Object.fromEntries(COLUMNS.map((name) =>
      [name, new Column(this.querySelector(`.lane[data-lane=${name}]`), template, page, context)]));
    this.#forms = new Forms(page, this.#desk, context, (row, verb, fields) => this.#act(row, verb, fields));
    this.#strip = new Strip(this.querySelector(".console-strip"), page, this.#log, context, (id) => this.#undo(id));
    this.#person = new PersonPanel(document.getElementById("person"), page, world, this.#desk, this.#acting, () => this.#focusHere());
    this.#head = new Head(this, page, this.#desk, this.#acting, (change) => this.#narrow(change));
    this.#acting.watch((id, no) => this.#refused(id, no));
    this.#bind();
    live.watch((state) => this.#showState(state));
    for (const number of numbers) {
      for (const kind of ROOMS) this.#join(nameOf(kind, number));
    }
    this.#tick();
    this.#draw();
  }

  #join(room) {
    const told = { drawn: () => this.#draw(), arrived: (where, event) => this.#arrived(where, event), closed: (_, no) => this.say(this.sentence(no)) };
    for (const write of this.#live.join(room, ear(room, this.#desk, this.#acting, told))) this.#acting.restore(write);
  }

  // ---- what a person does ---------------------------------------------------------------------------------------

  #bind() {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("focusin", (event) => this.#focused(event.target.closest(".row")));
    this.addEventListener("more", () => this.#draw());
    document.addEventListener("keydown", (event) => this.#pressed(event));
    swipes(this, (id, verb) => {
      const row = this.#seen(id);
      if (row && offered(row).includes(verb)) this.#act(row, verb);
    });
    const feed = this.#columnOf("chat");
    for (const [begins, ends] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
      feed.addEventListener(begins, () => (this.#held ??= this.#board.chat.map(({ id }) => id)));
      feed.addEventListener(ends, () => this.#letGo(feed));
    }
    feed.querySelector(".lane-newer").addEventListener("click", () => {
      this.#held = null;
      this.#draw();
    });
    this.addEventListener("only", ({ detail: user }) => this.#narrow({ user }));
    this.addEventListener("filtered", () => this.#focusHere());
    addEventListener("pagehide", () => this.#look(null));
  }

  // While somebody points at the feed it stands still: what one is about to delete must not move away.
  #letGo(feed) {
    if (feed.matches(":hover") || feed.contains(document.activeElement)) return;
    this.#held = null;
    this.#draw();
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const element = event.target.closest(".row");
    if (!element) return;
    const row = this.#seen(element.dataset.id);
    if (!row) return;
    if (button?.classList.contains("row-name")) return this.#person.open(row.user, row.name, row.channel);
    if (button?.closest(".row-similar")) return this.#act(row, "merge", { into: button.dataset.into });
    if (button?.dataset.verb) return this.#does(row, button.dataset.verb, element);
    if (!event.target.closest("button, a, summary, input, textarea, select, form")) element.focus();
  }

  #pressed(event) {
    if (!this.#head.keys || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, details.menu")) return;
    const verb = verbOf(event);
    if (!verb || (event.target.closest("form") && verb !== "undo")) return;
    event.preventDefault();
    if (verb === "next" || verb === "before") this.#step(verb === "next" ? 1 : -1);
    else if (verb === "right" || verb === "left") this.#turn(verb === "right" ? 1 : -1);
    else if (verb === "undo") this.#undo();
    else if (verb === "filter") this.#head.focusFilter();
    else if (verb === "help") this.#head.help();
    else if (verb === "announce") this.dispatchEvent(new CustomEvent("announce"));
    else this.#key(verb);
  }

  #key(verb) {
    const row = this.#here();
    if (!row) return this.say(this.#page.words.choose);
    const meant = verb === "approve" && row.deleted ? "restore" : verb;
    if (offered(row).includes(meant)) this.#does(row, meant, this.#columns[this.#column].element(row.id));
    else this.say(this.#page.words.not_here);
  }

  // What a button or a key means: some acts ask something first.
  #does(row, verb, element) {
    if (verb === "more") return this.#open(element);
    if (verb === "person") return this.#person.open(row.user, row.name, row.channel);
    if (verb === "purge") return this.#forms.open(element, row, "purge", () => this.#acting.purge(row.user, row.name));
    if (verb === "mute") return this.#forms.open(element, row, "mute", (seconds) => this.#silence(row, seconds));
    if (this.#forms.asks(row, verb)) return this.#forms.open(element, row, verb);
    this.#act(row, verb);
  }

  #silence(row, seconds) {
    if (seconds === "ban") this.#acting.ban(row.user, row.name, true);
    else this.#acting.mute(row.user, row.name, seconds);
    this.#draw();
  }

  #act(row, verb, fields) {
    this.#acting.act(row, verb, fields);
    this.#strip.draw();
    this.#drawNow();
  }

  #undo(id = 0) {
    const entry = this.#acting.undo(id);
    this.say(entry ? this.#page.words.undone : this.#page.words.nothing_to_undo);
    this.#drawNow();
    if (entry?.row) this.#goTo(entry.row.id);
  }

  #open(element) {
    element.dataset.open = element.dataset.open === "yes" ? "" : "yes";
    this.#drawNow();
  }

  #narrow(change) {
    Object.assign(this.#filter, change);
    this.#held = null;
    this.#drawNow();
  }

  // ---- where one is ---------------------------------------------------------------------------------------------

  #here() {
    const id = this.#current[this.#column];
    return this.#board[this.#column].find((row) => row.id === id) ?? null;
  }

  // The row as it is shown, and not as it may have become in this very moment.
  #seen(id) {
    return COLUMNS.flatMap((name) => this.#board[name]).find((row) => row.id === id) ?? null;
  }

  #step(step) {
    const rows = this.#board[this.#column];
    const id = this.#current[this.#column];
    const isHere = document.activeElement?.closest(".row")?.dataset.id === id;
    const row = isHere ? neighbour(rows, id, step, (one) => this.#isTaken(one)) : (this.#here() ?? this.#firstFree(rows));
    if (!row) return this.say(this.#page.words[rows.length ? "no_more" : "column_empty"]);
    while (!this.#columns[this.#column].element(row.id) && this.#columns[this.#column].shown.length < rows.length) {
      this.#columns[this.#column].more();
      this.#drawNow();
    }
    this.#focus(row.id);
  }

  #firstFree(rows) {
    return rows.find((row) => !this.#isTaken(row.id)) ?? rows[0] ?? null;
  }

  #turn(step) {
    const seen = COLUMNS.filter((name) => this.#columnOf(name).checkVisibility?.() ?? true);
    const names = seen.length > 1 ? seen : COLUMNS;
    this.showColumn(names[Math.max(0, Math.min(names.length - 1, names.indexOf(this.#column) + step))]);
    this.#focusHere();
  }

  showColumn(name) {
    this.#column = name;
    this.dataset.lane = name;
    for (const tab of this.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
    this.#drawNow();
  }

  #goTo(id) {
    const name = COLUMNS.find((one) => this.#board[one].some((row) => row.id === id));
    if (!name) return;
    if (name !== this.#column) this.showColumn(name);
    this.#focus(id);
  }

  #focusHere() {
    const row = this.#here() ?? this.#firstFree(this.#board[this.#column]);
    if (row) this.#focus(row.id);
    else this.#columnOf(this.#column).querySelector("h2").focus();
  }

  #focus(id) {
    const element = this.#columns[this.#column].element(id);
    if (!element) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  #focused(element) {
    if (!element) return;
    this.#column = element.closest(".lane").dataset.lane;
    this.#current[this.#column] = element.dataset.id;
    this.#draw();
    this.#look(this.#here());
  }

  #isTaken(id) {
    return this.#desk.lookers(id).length > 0;
  }

  // Tells the others what one looks at, so that nobody does the same work twice.
  #look(row) {
    const next = row && "item" in row ? { room: `${row.room}:desk`, item: row.item } : { room: "", item: "" };
    const same = next.room === this.#looked.room && next.item === this.#looked.item;
    const now = this.#world.now();
    if (same && now - this.#looked.at < LOOK) return;
    const stays = next.room === this.#looked.room; // the next item there takes the place of this one
    if (!same && !stays && this.#looked.room) this.#live.gesture({ do: "looking", room: this.#looked.room, item: this.#looked.item, on: false });
    if (next.room) this.#live.gesture({ do: "looking", ...next, on: true });
    this.#looked = { ...next, at: now };
  }

  // ---- what comes in --------------------------------------------------------------------------------------------

  #arrived({ kind, channel }, event) {
    const here = this.#desk.channels.get(channel);
    if (!this.#filter.channel || this.#filter.channel === channel) here.unread = 0;
    if (!here.caughtUp.has(kind)) return;
    const { words } = this.#page;
    if (event.is === "chat.reported") this.say(words.new_report);
    else if (event.is === "question.at_desk" && event.status === "asked" && event.when === event.changed) this.#murmur(words.new_question);
  }

  #refused(id, no) {
    this.say(id && this.#desk.note(id)?.by ? this.#page.words.was_quicker : this.sentence(no));
    this.#forms.reopen(id, (one) => this.#elementOf(one));
  }

  #tick() {
    this.#world.later(TICK, () => this.#tick());
    this.#strip.draw();
    this.#person.tick();
    const row = document.activeElement?.closest?.(".row") && !document.hidden ? this.#here() : null;
    this.#look(row);
    this.#draw();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  // Many events of one moment are drawn once.
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    this.#drawing = false;
    const before = this.#board;
    const focused = document.activeElement?.closest?.(".row")?.dataset.id ?? null;
    this.#board = columns(this.#desk, this.#filter);
    this.#similar.learn(this.#desk.rows("question"));
    this.#holdFeed();
    for (const name of COLUMNS) this.#follow(name, before[name]);
    for (const name of COLUMNS) this.#columns[name].draw(this.#board[name], this.#current[name], { caughtUp: this.#desk.isCaughtUp });
    this.#head.draw(channels(this.#desk, this.#page.channels.map(({ id }) => id)), this.#board, this.#filter);
    this.#forms.drawn(this);
    // Whose row is gone goes on with the next one of the same column.
    if (focused && !this.#board[this.#column].some(({ id }) => id === focused)) this.#focusHere();
  }

  // The row one is at has left: the next one takes its place.
  #follow(name, before) {
    const id = this.#current[name];
    if (!id || this.#board[name].some((row) => row.id === id)) return;
    this.#current[name] = neighbour(this.#board[name], id, 1, (one) => this.#isTaken(one), before)?.id;
  }

  #holdFeed() {
    const newer = this.#columnOf("chat").querySelector(".lane-newer");
    const known = this.#held && new Set(this.#held);
    const fresh = known ? this.#board.chat.filter(({ id }) => !known.has(id)) : [];
    if (fresh.length) this.#board.chat = this.#board.chat.filter(({ id }) => known.has(id));
    newer.hidden = fresh.length === 0;
    if (fresh.length) newer.textContent = this.#head.counted("newer", fresh.length);
  }

  #columnOf(name) {
    return this.querySelector(`.lane[data-lane=${name}]`);
  }

  #elementOf(id) {
    return COLUMNS.map((name) => this.#columns[name].element(id)).find(Boolean) ?? null;
  }

  #nameOf(user) {
    for (const kind of ["message", "question", "held"]) {
      const row = this.#desk.rows(kind).find((one) => one.user === user);
      if (row) return row.name;
    }
    return undefined;
  }

  // ---- telling --------------------------------------------------------------------------------------------------

  #showState(state) {
    const name = state === "idle" ? "connecting" : state;
    this.dataset.state = name;
    this.querySelector(".console-state").textContent = this.#page.words[`state_${name.replace("-", "_")}`];
    this.#draw();
  }

  say(sentence) {
    const notice = this.querySelector(".console-notice");
    this.#forgetNotice();
    notice.textContent = sentence;
    this.#forgetNotice = this.#world.later(NOTICE, () => (notice.textContent = ""));
  }

  // For who listens to the page: what is no answer to something they did.
  #murmur(sentence) {
    this.querySelector(".console-murmur").textContent = sentence;
  }

  sentence(no) {
    return this.#page.sentences[no.code] ?? no.text;
  }
}

customElements.define("moderation-console", ModerationConsole);
