// Where one writes: grows with the text, counts what is left, keeps the draft over a reload. It sends nothing by itself.

import { counted, length, LIMIT, wellFormed } from "./chat-text.js";

const COUNT_FROM = 200; // characters left when the counter appears
const BORDERS = 2; // px

export class Composer {
  #form; #input; #page; #draft; #send; #change;
  #changing = null; // {text, kept}: the message whose text is changed here, and what was being written before

  // `send(text)` is called with what is to be sent: never empty, never too long; `change(text)` while a message is edited.
  constructor(form, page, draft, send, { change = () => {}, typing = () => {} } = {}) {
    this.#form = form;
    this.#input = form.querySelector("textarea");
    this.#page = page;
    this.#draft = draft;
    this.#send = send;
    this.#change = change;
    // Someone may have begun to write before this script arrived.
    if (this.#input.value === "") this.#input.value = draft.read() ?? "";
    this.#input.addEventListener("input", () => {
      this.#typed();
      if (!this.#changing && this.#input.value !== "") typing();
    });
    this.#input.addEventListener("keydown", (event) => {
      const composing = event.isComposing || event.keyCode === 229; // an input method is choosing a word
      if (event.key === "Escape" && this.#changing) this.stop();
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      this.#submit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.querySelector(".composer-stop")?.addEventListener("click", () => this.stop());
    this.#typed();
  }

  get empty() {
    return this.#input.value === "";
  }

  // The text of a message is changed here; what was being written comes back afterwards.
  edit(text) {
    this.#changing ??= { kept: this.#input.value };
    this.#changing.text = text;
    this.#show(text);
    this.#input.setSelectionRange(text.length, text.length);
  }

  // A text of one's own comes back to be written anew; what is being written stays in front of it.
  take(text) {
    if (this.#changing) this.stop();
    this.#input.value = [this.#input.value.trimEnd(), text].filter((one) => one !== "").join("\n");
    this.#input.focus();
    this.#typed();
  }

  stop() {
    const { kept } = this.#changing ?? { kept: "" };
    this.#changing = null;
    this.#show(kept);
  }

  #show(text) {
    this.#input.value = text;
    const bar = this.#form.querySelector(".composer-editing");
    if (bar) bar.hidden = this.#changing === null;
    this.#input.focus();
    this.#typed();
  }

  #submit() {
    const text = wellFormed(this.#input.value).trim();
    this.#input.focus();
    if (text === "" || length(text) > LIMIT) return;
    if (this.#changing) {
      const { text: before } = this.#changing;
      this.stop();
      if (text !== before) this.#change(text);
      return;
    }
    this.#input.value = "";
    this.#typed();
    this.#send(text);
  }

  #typed() {
    const left = LIMIT - length(this.#input.value.trim());
    const { left: some, over } = this.#page.words;
    const count = this.#form.querySelector(".composer-count");
    count.hidden = left > COUNT_FROM;
    count.textContent = count.hidden ? "" : counted(left < 0 ? over : some, Math.abs(left), this.#page.language);
    count.classList.toggle("over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    if (!this.#changing) this.#draft.write(this.#input.value);
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + BORDERS}px`;
  }
}
