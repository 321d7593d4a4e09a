// One poll on the page: its options to choose from, or what came of them. It sends nothing by itself.

import { counted } from "./chat-text.js";

let cards = 0; // each card's fields need names of their own

export class PollCard {
  #page; #vote;
  #poll = null;
  #changing = false; // voted, and about to vote otherwise
  #name = `poll-${(cards += 1)}`;

  // `element` is a card as the template has it; `vote(poll, options)` resolves to a sentence when it failed.
  constructor(element, page, vote) {
    this.element = element;
    this.#page = page;
    this.#vote = vote;
    this.#part(".poll-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#part(".poll-again").addEventListener("click", () => {
      this.#changing = true;
      this.#fill();
      this.#part("input")?.focus();
    });
  }

  draw(poll) {
    if (JSON.stringify(poll) === JSON.stringify(this.#poll)) return;
    const same = this.#poll && JSON.stringify(poll.options.map(({ id, text }) => [id, text])) === this.element.dataset.options;
    this.#poll = structuredClone(poll);
    if (!same) this.#choices();
    this.#fill();
  }

  #part(name) {
    return this.element.querySelector(name);
  }

  async #submit() {
    const chosen = [...this.element.querySelectorAll("input:checked")].map(({ value }) => Number(value));
    const says = this.#part(".poll-says");
    if (chosen.length === 0) return (says.textContent = this.#page.words.poll_choose);
    const button = this.#part(".poll-form .button");
    button.setAttribute("aria-busy", "true");
    says.textContent = await this.#vote(this.#poll, chosen);
    button.removeAttribute("aria-busy");
    if (says.textContent === "") this.#changing = false;
    this.#fill();
  }

  #choices() {
    const { options, kind, mine, question } = this.#poll;
    this.element.dataset.options = JSON.stringify(options.map(({ id, text }) => [id, text]));
    this.#part(".poll-question").textContent = question;
    this.#part("legend").textContent = question;
    const rows = options.map(({ id, text }) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: kind === "single" ? "radio" : "checkbox", name: this.#name, value: id });
      input.checked = mine.includes(id);
      label.append(input, Object.assign(document.createElement("span"), { textContent: text }));
      return label;
    });
    this.#part(".poll-options").replaceChildren(...rows);
  }

  #fill() {
    const { status, mine, results, votes, kind } = this.#poll;
    const { words, language } = this.#page;
    const open = status === "open";
    const choosing = open && (mine.length === 0 || this.#changing);
    const wasHere = this.#part(".poll-form").contains(document.activeElement);
    this.element.dataset.status = status;
    this.#part(".poll-closed").hidden = open;
    this.#part(".poll-form").hidden = !choosing;
    this.#part(".poll-hint").hidden = kind === "single";
    this.#part(".poll-again").hidden = !open || choosing;
    this.#part(".poll-results").hidden = choosing && !results;
    this.#part(".poll-votes").textContent = counted(words.voted, votes, language);
    this.#part(".poll-secret").hidden = results || choosing;
    this.#part(".poll-results").replaceChildren(...(results || !choosing ? this.#results() : []));
    if (wasHere && !choosing) this.#part(open ? ".poll-again" : ".poll-question").focus(); // the form goes, the focus stays
  }

  #results() {
    const { options, votes, mine, results } = this.#poll;
    const most = Math.max(1, ...options.map(({ count }) => count ?? 0));
    const percent = new Intl.NumberFormat(this.#page.language, { style: "percent" });
    return options.map(({ id, text, count }) => {
      const row = document.createElement("li");
      const share = votes && count !== null ? count / votes : 0;
      row.classList.toggle("mine", mine.includes(id));
      row.classList.toggle("most", results && count === most);
      const name = Object.assign(document.createElement("span"), { className: "poll-option", textContent: text });
      const value = Object.assign(document.createElement("span"), { className: "poll-share", textContent: results ? percent.format(share) : "" });
      const bar = Object.assign(document.createElement("span"), { className: "poll-bar" });
      bar.style.setProperty("--share", String(results ? share : 0));
      row.append(name, value, bar);
      return row;
    });
  }
}
