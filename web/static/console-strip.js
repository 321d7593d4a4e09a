// The strip at the foot of the console: what one did last, and how long it can be taken back. It undoes nothing by itself.

import { counted, filled } from "./chat-text.js";
import { quoted } from "./console-rows.js";

const SHOWN = 3; // acts; the whole log is a page of its own

export class Strip {
  #root; #page; #log; #context;
  #drawn = "";

  constructor(root, page, log, context, undo) {
    this.#root = root;
    this.#page = page;
    this.#log = log;
    this.#context = context;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-undo]");
      if (button) undo(Number(button.dataset.undo));
    });
  }

  draw() {
    const entries = this.#log.entries.slice(0, SHOWN).map((entry) => ({
      id: entry.id,
      text: this.#sentence(entry),
      state: entry.state,
      left: this.#log.wayBack(entry) === null ? 0 : this.#log.left(entry),
    }));
    const drawn = JSON.stringify(entries);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = this.#root.contains(document.activeElement) ? document.activeElement.dataset.undo : null;
    this.#root.hidden = entries.length === 0;
    this.#root.querySelector("ol").replaceChildren(...entries.map((entry) => this.#line(entry)));
    if (focused) this.#root.querySelector(`[data-undo="${focused}"]`)?.focus();
  }

  #line({ id, text, state, left }) {
    const { words, language } = this.#page;
    const line = document.createElement("li");
    line.dataset.state = state;
    const said = document.createElement("span");
    said.className = "strip-text";
    said.textContent = text;
    line.append(said);
    if (state === "refused" || state === "undone") line.append(this.#mark(words[`log_${state}`]));
    else if (left > 0) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.undo = String(id);
      button.textContent = words.undo;
      const time = document.createElement("span");
      time.className = "strip-left";
      time.textContent = counted(words.seconds, left, language);
      time.setAttribute("aria-hidden", "true");
      line.append(button, time);
    } else if (state === "sent") line.append(this.#mark(words.log_sent));
    return line;
  }

  #mark(text) {
    const mark = document.createElement("span");
    mark.className = "strip-mark";
    mark.textContent = text;
    return mark;
  }

  #sentence({ verb, row, label }) {
    const { words } = this.#page;
    const channel = label.channel ? this.#context.channelName(label.channel) : "";
    const sentence = row ? (words[`did_${row.kind}_${verb}`] ?? words[`did_${verb}`]) : words[`did_${verb}`];
    return filled(sentence, { ...label, channel, name: row?.name || label.name || words.guest, text: row ? quoted(row.text) : "" });
  }
}
