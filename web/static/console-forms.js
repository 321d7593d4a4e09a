// What some acts ask first, inside the row they are about: a reason, a text, which question, for how long. It sends nothing by itself.

import { quoted } from "./console-rows.js";

const ASK = new Set(["reject", "edit", "write", "merge", "bind"]);
const OTHERS = 6; // questions offered for merging besides the likely ones

export class Forms {
  #page; #desk; #context; #act;
  #open = null; // {form, row, verb}
  #drafts = new Map(); // "row verb" -> text that was typed and is not accepted yet
  #asked = new Map(); // row id -> verb of the form that was sent last

  // `act(row, verb, fields)` does what a form was about.
  constructor(page, desk, context, act) {
    this.#page = page;
    this.#desk = desk;
    this.#context = context;
    this.#act = act;
  }

  asks(row, verb) {
    return row.kind === "question" && ASK.has(verb);
  }

  // `chosen(value)` hears what was chosen where that is no act of the row.
  open(element, row, verb, chosen = null) {
    this.close();
    const form = document.getElementById(`form-${verb}`).content.firstElementChild.cloneNode(true);
    const text = form.querySelector("textarea, input");
    this.#open = { form, id: row.id, verb };
    if (text) text.value = this.#drafts.get(`${row.id} ${verb}`) ?? { edit: row.text, write: row.answer ?? "" }[verb] ?? "";
    if (verb === "merge") this.#offerQuestions(form, row);
    if (verb === "bind") this.#offerSessions(form, row);
    this.#numberChoices(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(form, row, verb, text, event.submitter?.value, chosen);
    });
    form.addEventListener("keydown", (event) => this.#pressed(event, form, text));
    form.addEventListener("input", () => text && this.#drafts.set(`${row.id} ${verb}`, text.value));
    form.querySelector(".form-cancel").addEventListener("click", () => this.#cancel(element));
    element.append(form);
    (text ?? form.querySelector("select, button")).focus();
    if (verb === "edit") text.setSelectionRange(text.value.length, text.value.length);
    form.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.#open?.form.remove();
    this.#open = null;
  }

  // A refused text comes back into its form, with what was typed.
  reopen(id, elementOf) {
    const verb = this.#asked.get(id);
    const row = this.#desk.row(id);
    this.#asked.delete(id);
    if (row && ["edit", "write"].includes(verb) && elementOf(id)) this.open(elementOf(id), row, verb);
  }

  // A row that left takes its form with it; a row that went to another column has it no more.
  drawn(root) {
    if (this.#open && !root.contains(this.#open.form)) this.#open = null;
  }

  #submit(form, row, verb, text, value, chosen) {
    const fields = { text: value && verb === "reject" ? value : (text?.value.trim() ?? "") };
    if (["edit", "write"].includes(verb) && fields.text === "" && verb === "edit") return text.focus();
    if (verb === "merge") fields.into = value;
    if (verb === "bind") fields.into = form.querySelector("select").value;
    const element = form.closest(".row");
    this.close();
    element?.focus();
    if (chosen) return chosen(value === "ban" ? value : Number(value));
    this.#asked.set(row.id, verb);
    this.#act(row, verb, fields); // as it was when it was looked at: meanwhile somebody else may have decided
  }

  // Enter sends, Shift+Enter begins a line, Escape leaves, a digit chooses where nothing was typed.
  #pressed(event, form, text) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return this.#cancel(form.closest(".row"));
    }
    if (event.key === "Enter" && event.target === text && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      return form.requestSubmit(form.querySelector("[type=submit]:not([value])") ?? undefined);
    }
    const choice = /^[1-9]$/.test(event.key) && (!text || text.value === "") ? form.querySelectorAll(".form-choice")[event.key - 1] : null;
    if (choice && event.target.tagName !== "SELECT") {
      event.preventDefault();
      choice.click();
    }
  }

  #cancel(element) {
    this.close();
    element?.focus();
  }

  #offerQuestions(form, row) {
    const others = this.#desk.rows("question").filter((one) => one.id !== row.id && one.channel === row.channel);
    const likely = this.#context.similar(row);
    const shown = others.filter((one) => ["approved", "answering"].includes(one.status) && !likely.includes(one)).slice(0, OTHERS);
    const place = form.querySelector(".form-choices");
    place.replaceChildren(...[...likely, ...shown].map((one) => {
      const button = document.createElement("button");
      return Object.assign(button, { type: "submit", value: one.item, className: "form-choice", textContent: quoted(one.text) });
    }));
    form.querySelector(".form-none").hidden = place.children.length > 0;
  }

  #offerSessions(form, row) {
    const select = form.querySelector("select");
    const here = this.#page.sessions.filter(({ channel }) => channel === row.channel);
    select.replaceChildren(...here.map(({ id, title, time }) => new Option(`${time} ${title}`, String(id), false, id === row.session)));
  }

  #numberChoices(form) {
    for (const [at, button] of [...form.querySelectorAll(".form-choice")].slice(0, 9).entries()) {
      const key = document.createElement("kbd");
      key.textContent = String(at + 1);
      key.setAttribute("aria-hidden", "true");
      button.prepend(key, " ");
    }
  }
}
