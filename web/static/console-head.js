// The head of the console: channels with what waits in each, filters, the rules of a chat, help. It decides nothing about rows.

import { counted } from "./chat-text.js";
import { COLUMNS } from "./console-board.js";

const SETTLES = 3_000; // ms between changes of the channels' order: what one is about to press must not move away

export class Head {
  #root; #page; #desk; #acting; #narrow; #help; #keep;
  #order = [];
  #ordered = 0;
  keys = true;

  // `narrow(change)` changes the filter.
  constructor(root, page, desk, acting, narrow) {
    this.#root = root;
    this.#page = page;
    this.#desk = desk;
    this.#acting = acting;
    this.#narrow = narrow;
    this.#help = document.getElementById("console-help");
    this.#bindFilter();
    this.#bindChannels();
    this.#bindHelp();
  }

  counted(name, n) {
    return counted(this.#page.words[name], n, this.#page.language);
  }

  focusFilter() {
    this.#root.querySelector("#console-words").focus();
  }

  help() {
    this.#help.showModal();
  }

  draw(channels, board, filter) {
    this.#drawOrder(channels);
    const total = channels.reduce((sum, one) => sum + one.waiting + one.reports, 0);
    for (const button of this.#root.querySelectorAll(".console-channels [data-channel]")) {
      const number = Number(button.dataset.channel);
      const one = channels.find(({ channel }) => channel === number);
      const waits = one ? one.waiting + one.reports : total;
      button.setAttribute("aria-pressed", String(filter.channel === number));
      const count = button.querySelector(".channel-count");
      count.hidden = waits === 0;
      count.textContent = String(waits);
      count.title = this.counted("waits", waits);
      const news = button.querySelector(".channel-news");
      news.hidden = !one?.unread || filter.channel === number;
      news.textContent = one?.unread ? this.counted("unread", one.unread) : "";
      button.querySelector(".channel-fire").hidden = !one?.fire;
    }
    for (const name of COLUMNS) {
      const tab = this.#root.querySelector(`[data-tab=${name}] .tab-count`);
      if (tab) tab.textContent = board[name].length ? String(board[name].length) : "";
    }
    document.title = `${total ? `(${total}) ` : ""}${this.#page.title}`;
    this.#drawRules(filter.channel || (this.#page.channels.length === 1 ? this.#page.channels[0].id : 0));
    const chip = this.#root.querySelector(".filter-person");
    chip.hidden = !filter.user;
  }

  #drawOrder(channels) {
    const nav = this.#root.querySelector(".console-channels");
    const order = channels.map(({ channel }) => channel);
    const now = Date.now();
    if (order.join() === this.#order.join() || now - this.#ordered < SETTLES || nav.matches(":hover, :focus-within")) return;
    this.#order = order;
    this.#ordered = now;
    for (const number of order) nav.append(nav.querySelector(`[data-channel="${number}"]`));
  }

  // Slow mode and read-only of the channel that is looked at.
  #drawRules(channel) {
    const rules = this.#root.querySelector(".chat-rules");
    rules.hidden = !channel;
    if (!channel) return;
    const { slow, closed } = this.#desk.channels.get(channel);
    const select = rules.querySelector("select");
    rules.dataset.channel = String(channel);
    if (document.activeElement !== select) {
      if (![...select.options].some(({ value }) => Number(value) === slow)) select.append(new Option(this.counted("seconds", slow), String(slow)));
      select.value = String(slow);
    }
    rules.querySelector("[type=checkbox]").checked = closed;
  }

  #bindFilter() {
    const words = this.#root.querySelector("#console-words");
    const session = this.#root.querySelector("#console-session");
    words.addEventListener("input", () => this.#narrow({ words: words.value }));
    words.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || event.key === "Enter") {
        if (event.key === "Escape") {
          words.value = "";
          this.#narrow({ words: "" });
        }
        event.preventDefault();
        words.blur();
        this.#root.dispatchEvent(new CustomEvent("filtered"));
      }
    });
    session.addEventListener("change", () => this.#narrow({ session: Number(session.value) }));
    this.#root.querySelector(".console-filter").addEventListener("submit", (event) => event.preventDefault());
    this.#root.querySelector(".filter-person").addEventListener("click", () => this.#narrow({ user: 0 }));
    for (const button of this.#root.querySelectorAll("[data-closed]")) {
      button.addEventListener("click", () => {
        for (const one of this.#root.querySelectorAll("[data-closed]")) one.setAttribute("aria-pressed", String(one === button));
        this.#narrow({ closed: button.dataset.closed === "yes" });
      });
    }
  }

  #bindChannels() {
    for (const button of this.#root.querySelectorAll(".console-channels [data-channel]")) {
      button.addEventListener("click", () => {
        const channel = Number(button.dataset.channel);
        for (const [number, one] of this.#desk.channels) if (!channel || number === channel) one.unread = 0;
        this.#offerSessions(channel);
        this.#narrow({ channel, session: 0 });
      });
    }
    for (const tab of this.#root.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => this.#root.showColumn(tab.dataset.tab));
    const rules = this.#root.querySelector(".chat-rules");
    rules.querySelector("select").addEventListener("change", ({ target }) => this.#acting.slow(Number(rules.dataset.channel), Number(target.value)));
    rules.querySelector("[type=checkbox]").addEventListener("change", ({ target }) => this.#acting.close(Number(rules.dataset.channel), target.checked));
  }

  #offerSessions(channel) {
    const select = this.#root.querySelector("#console-session");
    for (const option of select.options) option.hidden = Boolean(channel && option.dataset.channel && Number(option.dataset.channel) !== channel);
    select.value = "0";
  }

  // Single keys can be switched off: whoever speaks to their computer would press them without meaning to.
  #bindHelp() {
    this.#keep = { read: () => localStorage.getItem("veche:keys"), write: (value) => localStorage.setItem("veche:keys", value) };
    const box = this.#help.querySelector("[name=keys]");
    try {
      this.keys = this.#keep.read() !== "off";
    } catch {
      this.keys = true; // storage is switched off: the choice lasts as long as this page
    }
    box.checked = this.keys;
    box.addEventListener("change", () => {
      this.keys = box.checked;
      try {
        this.#keep.write(box.checked ? "on" : "off");
      } catch {
        // Storage is switched off: the choice lasts as long as this page.
      }
    });
    for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", () => this.help());
  }
}
