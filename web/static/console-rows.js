// One column of the console as elements, each made once and changed in place. It decides nothing about rows.

import { offered } from "./console-acts.js";
import { counted, filled, pieces } from "./chat-text.js";
import { node } from "./chat-rows.js";

const AT_ONCE = 120; // rows of a column; the next ones come when asked for, and two thousand never weigh on a page
const LEAVES = 140; // ms a row takes to slide away
const LEAVING = 3; // rows at once that do so; more go without show
const FIRST = 2; // acts of a row that are always seen
const TEXT = 90; // characters of another question that are quoted

export const KEYS = { approve: "A", reject: "R", pin: "P", edit: "E", mute: "M", answering: "N", answered: "W", write: "T", merge: "G",
  bind: "B", recall: "C", purge: "X", person: "I", restore: "A" };

export class Column {
  #root; #list; #template; #page; #context;
  #elements = new Map(); // row id -> element
  #most = AT_ONCE;
  #shown = [];

  // `context` answers about rows: {channelName, sessionName, clock, nameOf, similar(row), desk}.
  constructor(root, template, page, context) {
    this.#root = root;
    this.#list = root.querySelector(".lane-rows");
    this.#template = template;
    this.#page = page;
    this.#context = context;
    root.querySelector(".lane-more").addEventListener("click", () => {
      this.more();
      root.dispatchEvent(new CustomEvent("more", { bubbles: true }));
    });
  }

  get shown() {
    return this.#shown;
  }

  more() {
    this.#most += AT_ONCE;
  }

  element(id) {
    return this.#elements.get(id) ?? null;
  }

  // `current` is the row that the Tab key stops at.
  draw(rows, current, { caughtUp }) {
    const motion = this.#shown.length > 0;
    this.#shown = rows.slice(0, this.#most);
    const here = new Set(this.#shown.map(({ id }) => id));
    const gone = [...this.#elements.keys()].filter((id) => !here.has(id));
    for (const id of gone) this.#remove(id, gone.length <= LEAVING); // first: else every row behind them would move
    let place = this.#next(this.#list.firstElementChild);
    const stop = this.#shown.some((row) => row.id === current) ? current : this.#shown[0]?.id;
    for (const row of this.#shown) {
      const element = this.#elements.get(row.id) ?? this.#make(row, motion);
      this.#fill(element, row);
      this.#stop(element, row.id === stop);
      if (element === place) place = this.#next(place.nextElementSibling);
      else this.#list.insertBefore(element, place);
    }
    this.#root.querySelector(".lane-count").textContent = this.#number(rows.length);
    const more = this.#root.querySelector(".lane-more");
    more.hidden = rows.length <= this.#most;
    if (!more.hidden) more.textContent = counted(this.#page.words.more, rows.length - this.#most, this.#page.language);
    this.#root.querySelector(".lane-empty").hidden = rows.length > 0 || !caughtUp;
    this.#root.querySelector(".lane-bones").hidden = caughtUp || rows.length > 0;
  }

  #number(count) {
    return new Intl.NumberFormat(this.#page.language).format(count);
  }

  #next(element) {
    while (element?.classList.contains("leaving")) element = element.nextElementSibling;
    return element;
  }

  #make(row, motion) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    element.dataset.id = row.id;
    element.dataset.kind = row.kind;
    element.id = `row-${row.id}`;
    element.classList.toggle("arriving", motion);
    this.#elements.set(row.id, element);
    return element;
  }

  #remove(id, show) {
    const element = this.#elements.get(id);
    this.#elements.delete(id);
    if (!show || matchMedia("(prefers-reduced-motion: reduce)").matches) return element.remove();
    element.classList.add("leaving");
    element.inert = true;
    element.removeAttribute("id");
    setTimeout(() => element.remove(), LEAVES);
  }

  // The Tab key goes to one row of a column and through its buttons; J and K go from row to row.
  #stop(element, on) {
    const index = on ? 0 : -1;
    if (element.tabIndex === index) return;
    element.tabIndex = index;
    for (const button of element.querySelectorAll(".row-body button, .row-body summary")) button.tabIndex = index;
  }

  #fill(element, row) {
    const { desk } = this.#context;
    const lookers = desk.lookers(row.id);
    const note = desk.note(row.id);
    const similar = row.status === "asked" ? this.#context.similar(row) : [];
    const silent = row.user ? desk.silence(row.user) : { until: 0, banned: false };
    const votes = desk.votes(row);
    const open = element.dataset.open === "yes";
    const drawn = JSON.stringify([row, lookers, note, similar.map(({ id }) => id), silent, votes, open, this.#context.manyChannels()]);
    if (element.drawn === drawn) return;
    element.drawn = drawn;
    const part = (name) => element.querySelector(name);
    const say = (name, text) => {
      part(name).hidden = !text;
      part(name).textContent = text;
    };
    const { words } = this.#page;
    Object.assign(element.dataset, { status: row.status ?? "", deleted: row.deleted ? "yes" : "", pinned: row.pinned ? "yes" : "",
      taken: lookers.length ? "yes" : "", suspicious: row.suspicious || row.kind === "held" ? "yes" : "" });
    part(".row-name").textContent = row.name || words.guest;
    part(".row-name").disabled = !row.user;
    say(".badge", row.badge ? (words[`badge_${row.badge}`] ?? row.badge) : "");
    say(".row-anonymous", row.anonymous ? words.anonymous : "");
    say(".row-mark", this.#mark(row, silent));
    part("time").textContent = this.#context.clock.time(row.when);
    part("time").dateTime = new Date(row.when).toISOString();
    say(".row-votes", votes ? `▲ ${this.#number(votes)}` : "");
    part(".row-votes").title = votes ? counted(words.votes, votes, this.#page.language) : "";
    say(".row-place", this.#place(row));
    part(".row-place").title = this.#place(row);
    if (row.deleted) part(".row-text").textContent = words.deleted;
    else part(".row-text").replaceChildren(...pieces(row.text).map(node));
    say(".row-reason", this.#reason(row));
    part(".row-original").hidden = !row.original;
    part(".row-original p").textContent = row.original ?? "";
    part(".row-similar").hidden = similar.length === 0;
    if (similar.length) {
      part(".row-similar span").textContent = filled(words.similar, { text: quoted(similar[0].text) });
      part(".row-similar button").dataset.into = similar[0].item;
    }
    say(".row-looking", lookers.length ? filled(words.looking, { name: lookers.join(", ") }) : "");
    say(".row-note", note ? this.#note(note) : "");
    this.#acts(element, row, open);
  }

  #mark(row, silent) {
    const { words } = this.#page;
    if (row.kind === "held") return row.hidden ? words.mark_hidden : words.mark_held;
    if (row.status === "answering") return words.mark_answering;
    if (silent.banned) return words.mark_banned;
    if (silent.until) return words.mark_muted;
    if (row.suspicious) return words.mark_suspicious;
    if (row.pinned) return words.mark_pinned;
    return row.edited ? words.mark_edited : "";
  }

  #place(row) {
    const session = row.session ? this.#context.sessionName(row.session) : "";
    const channel = this.#context.manyChannels() ? this.#context.channelName(row.channel) : "";
    return [channel, session].filter(Boolean).join(" · ");
  }

  #reason(row) {
    const { words } = this.#page;
    if (row.kind === "report") return filled(words.reported, { name: this.#context.nameOf(row.reporter), reason: row.reason || words.no_reason });
    if (row.status === "rejected") return filled(words.rejected, { reason: row.reason || words.no_reason });
    if (row.status === "merged") return words.merged;
    return row.answer ? filled(words.answer, { text: row.answer }) : "";
  }

  #note({ code, by, status }) {
    const { words, sentences } = this.#page;
    if (by) return filled(words[`quicker_${status}`] ?? words.quicker, { name: this.#context.nameOf(by) });
    return sentences[code] ?? code;
  }

  #acts(element, row, open) {
    const verbs = offered(row);
    const place = element.querySelector(".row-acts");
    const shown = open ? verbs : verbs.slice(0, FIRST);
    const wanted = `${row.kind} ${row.pinned} ${shown.join()} ${verbs.length}`;
    if (place.dataset.wanted === wanted) return;
    place.dataset.wanted = wanted;
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.verb : null;
    place.replaceChildren(...shown.map((verb) => this.#button(row, verb)));
    if (verbs.length > FIRST) {
      const more = this.#button(row, open ? "less" : "more");
      more.setAttribute("aria-expanded", String(open));
      place.append(more);
    }
    for (const button of place.children) button.tabIndex = element.tabIndex;
    if (focused) (place.querySelector(`[data-verb="${focused}"]`) ?? element).focus();
  }

  #button(row, verb) {
    const { words } = this.#page;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "row-act";
    button.dataset.verb = verb === "less" ? "more" : verb;
    button.textContent = words[`${row.kind}_${verb}`] ?? (verb === "pin" && row.pinned ? words.act_unpin : words[`act_${verb}`]);
    if (KEYS[verb]) {
      const key = document.createElement("kbd");
      key.textContent = KEYS[verb];
      key.setAttribute("aria-hidden", "true");
      button.append(" ", key);
      button.setAttribute("aria-keyshortcuts", KEYS[verb]);
    }
    return button;
  }
}

export function quoted(text) {
  return text.length > TEXT ? `${text.slice(0, TEXT).trimEnd()}…` : text;
}
