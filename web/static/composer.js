// Where one writes: grows with the text, counts what is left, keeps the draft over a reload. It sends nothing by itself.

import { counted, length, LIMIT, wellFormed } from "./chat-text.js";

const COUNT_FROM = 200; // characters left when the counter appears
const BORDERS = 2; // px

export class Composer {
  #form; #input; #page; #draft;

  // `send(text)` is called with what is to be sent: never empty, never too long.
  constructor(form, page, draft, send) {
    this.#form = form;
    this.#input = form.querySelector("textarea");
    this.#page = page;
    this.#draft = draft;
    // Someone may have begun to write before this script arrived.
    if (this.#input.value === "") this.#input.value = draft.read() ?? "";
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => {
      const composing = event.isComposing || event.keyCode === 229; // an input method is choosing a word
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      this.#submit(send);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(send);
    });
    this.#typed();
  }

  #submit(send) {
    const text = wellFormed(this.#input.value).trim();
    this.#input.focus();
    if (text === "" || length(text) > LIMIT) return;
    this.#input.value = "";
    this.#typed();
    send(text);
  }

  #typed() {
    const left = LIMIT - length(this.#input.value.trim());
    const { left: some, over } = this.#page.words;
    const count = this.#form.querySelector(".composer-count");
    count.hidden = left > COUNT_FROM;
    count.textContent = count.hidden ? "" : counted(left < 0 ? over : some, Math.abs(left), this.#page.language);
    count.classList.toggle("over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#draft.write(this.#input.value);
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + BORDERS}px`;
  }
}
