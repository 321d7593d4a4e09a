// Questions as elements of the page, each made once and changed in place. It decides nothing about questions.

import { node } from "./chat-rows.js";
import { counted, filled, pieces } from "./chat-text.js";

const QUOTED = 60; // characters of a question in the name of its button

export class QuestionRows {
  #list; #template; #page; #clock;
  #rows = new Map(); // item -> its element

  // `page` is {words, language, may, session}; `template` holds one question.
  constructor(list, template, page, clock) {
    this.#list = list;
    this.#template = template;
    this.#page = page;
    this.#clock = clock;
  }

  // Whether somebody points at these, or stands on one: then they keep their order.
  get busy() {
    return this.#list.matches(":hover") || this.#list.contains(document.activeElement);
  }

  get items() {
    return [...this.#list.children].map(({ dataset }) => dataset.item);
  }

  draw(questions) {
    const gone = new Set(this.#rows.keys());
    let place = this.#list.firstElementChild;
    for (const one of questions) {
      gone.delete(one.item);
      const row = this.#rows.get(one.item) ?? this.#make(one);
      this.#fill(row, one);
      if (row === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row, place);
    }
    for (const item of gone) {
      this.#rows.get(item).remove();
      this.#rows.delete(item);
    }
  }

  #make({ item, when }) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.dataset.item = item;
    row.querySelector("time").textContent = this.#clock.time(when);
    row.querySelector("time").dateTime = new Date(when).toISOString();
    this.#rows.set(item, row);
    return row;
  }

  #fill(row, one) {
    const drawn = JSON.stringify([one.text, one.name, one.status, one.answer, one.pinned, one.own, one.votes, one.mine]);
    if (row.dataset.drawn === drawn) return;
    Object.assign(row.dataset, { drawn, status: one.status });
    const { words, language, may } = this.#page;
    const part = (name) => row.querySelector(name);
    part(".question-name").textContent = one.user || one.name ? one.name : words.anonymous;
    part(".badge").hidden = !one.badge;
    part(".badge").textContent = words[`badge_${one.badge}`] ?? one.badge;
    part(".question-own").hidden = !one.own;
    part(".question-pinned").hidden = !one.pinned;
    part(".question-text").replaceChildren(...pieces(one.text).map(node));
    part(".question-done").hidden = one.status !== "answered";
    part(".question-done").textContent = one.answer ? words.answered_in_writing : words.answered_live;
    part(".question-answer").hidden = one.answer === "";
    part(".question-answer").replaceChildren(...pieces(one.answer).map(node));
    const vote = part(".question-vote");
    vote.disabled = !may.includes("say");
    vote.setAttribute("aria-pressed", String(one.mine));
    vote.setAttribute("aria-label", `${filled(words.support, { text: one.text.slice(0, QUOTED) })} ${counted(words.votes, one.votes, language)}`);
    part(".question-votes").textContent = String(one.votes);
  }
}
