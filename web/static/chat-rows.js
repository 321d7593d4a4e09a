// Messages as elements of the page, each made once and changed in place. It decides nothing about messages.

import { pieces } from "./chat-text.js";

export class ChatRows {
  #list; #template; #page; #clock; #votes;
  #rows = new Map(); // id of a message -> its element

  // `page` is {user, room, may, words, sentences}; `template` holds one message; `votes(at)` tells its reactions,
  // [{emoji, count, mine} ...].
  constructor(list, template, page, clock, votes) {
    this.#list = list;
    this.#template = template;
    this.#page = page;
    this.#clock = clock;
    this.#votes = votes;
  }

  // `rows` as the feed gives them. Returns whether what had the focus is gone.
  draw(rows, { online }) {
    const wasHere = this.#list.contains(document.activeElement);
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
    this.oneTabStop();
    const here = document.activeElement;
    return wasHere && (!this.#list.contains(here) || here.closest("[hidden]") !== null);
  }

  // Arrows go from one message to the next; the Tab key stops at one of them only.
  walk(from, step) {
    const next = step < 0 ? from.previousElementSibling : from.nextElementSibling;
    if (!next) return false;
    next.focus();
    this.oneTabStop();
    return true;
  }

  oneTabStop() {
    const here = document.activeElement?.closest(".message");
    const stop = here && this.#list.contains(here) ? here : this.#list.lastElementChild;
    for (const one of this.#list.children) {
      if (one.tabIndex !== (one === stop ? 0 : -1)) reachable(one, one === stop);
    }
  }

  #make(row) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(name);
    const { words } = this.#page;
    element.classList.toggle("own", row.user === this.#page.user);
    part(".message-name").textContent = row.name;
    part(".badge").hidden = !row.badge;
    part(".badge").textContent = words[`badge_${row.badge}`] ?? row.badge;
    part("time").textContent = this.#clock.time(row.when);
    part("time").dateTime = new Date(row.when).toISOString();
    this.#rows.set(row.id, element);
    return element;
  }

  #fill(element, row, online) {
    const note = this.#note(row, online);
    const reactions = row.at === null ? [] : this.#votes(row.at);
    const drawn = JSON.stringify([row.at, row.text, row.edited, row.state, row.day, row.first, row.leaving, note, reactions]);
    if (element.dataset.drawn === drawn) return;
    const { words } = this.#page;
    Object.assign(element.dataset, { drawn, id: row.id, key: row.key, item: row.item ?? "", at: row.at ?? "", user: row.user, when: row.when });
    element.dataset.state = row.leaving ? "leaving" : row.state;
    element.classList.toggle("first", row.first);
    const part = (name) => element.querySelector(name);
    if (part(".message-text").dataset.text !== row.text) {
      part(".message-text").dataset.text = row.text;
      part(".message-text").replaceChildren(...pieces(row.text).map(node));
    }
    part(".message-day").hidden = !row.day;
    part(".message-day").textContent = row.day ? this.#clock.day(row.when) : "";
    part(".message-edited").hidden = !row.edited;
    part(".message-note").hidden = note === "";
    part(".message-note span").textContent = note;
    part(".message-retry").hidden = row.state !== "refused";
    part(".message-rewrite").hidden = row.state !== "dropped" || !this.#page.may.includes("say");
    part(".message-remove").hidden = !["refused", "held", "dropped"].includes(row.state);
    part(".message-reactions").hidden = reactions.length === 0;
    const chosen = part(".message-reactions").contains(document.activeElement) ? document.activeElement.dataset.emoji : null;
    part(".message-reactions").replaceChildren(...reactions.map((one) => reaction(one, words)));
    reachable(element, element.tabIndex === 0);
    if (chosen) (part(`.message-reactions [data-emoji="${chosen}"]`) ?? element).focus();
  }

  #note(row, online) {
    const { words, sentences } = this.#page;
    const reason = row.no ? (sentences[row.no.code] ?? row.no.text) : "";
    if (row.leaving) return online ? words.deleting : words.waiting;
    if (row.state === "said") return row.waits ? words.edit_held : "";
    if (row.state === "editing") return online ? "" : words.waiting;
    if (row.state === "held") return words.held;
    if (row.state === "dropped") return row.target ? words.edit_dropped : words.dropped;
    if (row.state === "refused") return `${words.refused}. ${reason}`;
    return online ? reason : words.waiting;
  }
}

// The Tab key stops at what is in a message where it stops at the message: a hundred reactions are not a hundred stops.
function reachable(element, on) {
  for (const one of [element, ...element.querySelectorAll("a, button, summary")]) one.tabIndex = on ? 0 : -1;
}

// Text nodes only: nothing that somebody wrote can become markup.
export function node({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = document.createElement("a");
  return Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener nofollow ugc" });
}

function reaction({ emoji, count, mine }, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "message-reaction";
  button.dataset.emoji = emoji;
  button.textContent = `${emoji} ${count}`;
  button.setAttribute("aria-pressed", String(mine));
  button.title = words[mine ? "react_back" : "react_too"];
  return button;
}
