// Messages as elements of the page, each made once and changed in place. It decides nothing about messages.

import { filled, pieces } from "./chat-text.js";

const QUOTED = 60; // characters of a message in the name of its delete button

export class ChatRows {
  #list; #template; #page; #clock;
  #rows = new Map(); // id of a message -> its element

  // `page` is {user, may, words, sentences}; `template` holds one message.
  constructor(list, template, page, clock) {
    this.#list = list;
    this.#template = template;
    this.#page = page;
    this.#clock = clock;
  }

  // `rows` as the feed gives them. Returns whether what had the focus is gone.
  draw(rows, { online }) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    const gone = new Set(this.#rows.keys());
    let place = this.#list.firstElementChild;
    for (const row of rows) {
      gone.delete(row.id);
      const element = this.#rows.get(row.id) ?? this.#make(row);
      this.#fill(element, row, online);
      if (element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(element, place);
    }
    for (const id of gone) {
      this.#rows.get(id).remove();
      this.#rows.delete(id);
    }
    this.#oneTabStop();
    return focused !== null && (focused.hidden || !focused.isConnected);
  }

  // Arrows go from one delete button to the next; the Tab key stops at one of them only.
  walk(from, step) {
    const buttons = this.#buttons();
    const next = buttons[buttons.indexOf(from) + step];
    if (!next) return false;
    next.focus();
    this.#oneTabStop();
    return true;
  }

  #make(row) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(name);
    const { words } = this.#page;
    const time = this.#clock.time(row.when);
    element.classList.toggle("own", row.user === this.#page.user);
    part(".message-name").textContent = row.name;
    part(".badge").hidden = !row.badge;
    part(".badge").textContent = words[`badge_${row.badge}`] ?? row.badge;
    part("time").textContent = time;
    part("time").dateTime = new Date(row.when).toISOString();
    part(".message-text").replaceChildren(...pieces(row.text).map(node));
    const label = filled(words.delete_label, { name: row.name, time, text: row.text.slice(0, QUOTED) });
    part(".message-delete").setAttribute("aria-label", label);
    part(".message-delete").title = words.delete;
    this.#rows.set(row.id, element);
    return element;
  }

  #fill(element, row, online) {
    const note = this.#note(row, online);
    const drawn = JSON.stringify([row.at, row.state, row.day, row.first, row.leaving, note]);
    if (element.dataset.drawn === drawn) return;
    Object.assign(element.dataset, { drawn, key: row.key, at: row.at ?? "", state: row.leaving ? "leaving" : row.state });
    element.classList.toggle("first", row.first);
    const part = (name) => element.querySelector(name);
    part(".message-day").hidden = !row.day;
    part(".message-day").textContent = row.day ? this.#clock.day(row.when) : "";
    part(".message-note").hidden = note === "";
    part(".message-note span").textContent = note;
    part(".message-retry").hidden = row.state !== "refused";
    part(".message-remove").hidden = row.state !== "refused" && row.state !== "held";
    part(".message-delete").hidden = row.at === null || row.leaving || !this.#mayDelete(row);
  }

  #note(row, online) {
    const { words, sentences } = this.#page;
    const reason = row.no ? (sentences[row.no.code] ?? row.no.text) : "";
    if (row.leaving) return online ? words.deleting : words.waiting;
    if (row.state === "said") return "";
    if (row.state === "held") return words.held;
    if (row.state === "refused") return `${words.refused}. ${reason}`;
    return online ? reason : words.waiting;
  }

  #mayDelete(row) {
    return row.user === this.#page.user || this.#page.may.includes("moderate");
  }

  #buttons() {
    return [...this.#list.querySelectorAll(".message-delete:not([hidden])")];
  }

  #oneTabStop() {
    const buttons = this.#buttons();
    const stop = buttons.find((one) => one === document.activeElement) ?? buttons.at(-1);
    for (const one of buttons) one.tabIndex = one === stop ? 0 : -1;
  }
}

// Text nodes only: nothing that somebody wrote can become markup.
export function node({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = document.createElement("a");
  return Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener nofollow ugc" });
}
