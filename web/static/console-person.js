// The panel of one person: what they wrote, what moderators noted and did, and the acts against them. It asks the site, not the socket.

import { filled } from "./chat-text.js";

const MINUTE = 60_000; // ms

export class PersonPanel {
  #dialog; #page; #world; #desk; #acting;
  #who = null; // {user, name}
  #drawn = "";

  // `closed()` is called when the panel was left.
  constructor(dialog, page, world, desk, acting, closed) {
    this.#dialog = dialog;
    this.#page = page;
    this.#world = world;
    this.#desk = desk;
    this.#acting = acting;
    dialog.addEventListener("close", () => {
      this.#who = null;
      closed();
    });
    dialog.addEventListener("click", (event) => this.#clicked(event));
    dialog.addEventListener("submit", (event) => this.#submitted(event));
  }

  async open(user, name) {
    if (!user) return;
    this.#who = { user, name };
    this.#dialog.querySelector(".person-name").textContent = name;
    const place = this.#dialog.querySelector(".person-facts");
    place.replaceChildren(Object.assign(document.createElement("p"), { className: "meta", textContent: this.#page.words.loading }));
    this.#dialog.showModal();
    this.#drawn = "";
    this.tick();
    await this.#load();
  }

  // A mute counts down and ends by itself.
  tick() {
    if (!this.#who) return;
    const { until, banned } = this.#desk.silence(this.#who.user);
    const { words } = this.#page;
    const left = Math.max(0, until - this.#world.now());
    const minutes = Math.floor(left / MINUTE);
    const time = `${minutes}:${String(Math.floor((left % MINUTE) / 1000)).padStart(2, "0")}`;
    const sentence = banned ? words.person_banned : left ? filled(words.person_muted, { time }) : words.person_free;
    const drawn = `${sentence} ${banned}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#dialog.querySelector(".person-state").textContent = sentence;
    this.#dialog.querySelector("[data-person=unmute]").hidden = left === 0;
    this.#dialog.querySelector("[data-person=ban]").hidden = banned;
    this.#dialog.querySelector("[data-person=unban]").hidden = !banned;
  }

  #clicked(event) {
    const button = event.target.closest("[data-person]");
    if (event.target === this.#dialog) this.#dialog.close(); // beside it
    if (!button || !this.#who) return;
    const { user, name } = this.#who;
    const verb = button.dataset.person;
    if (verb === "mute") this.#acting.mute(user, name, Number(button.value));
    else if (verb === "unmute") this.#acting.mute(user, name, 0);
    else if (verb === "ban" || verb === "unban") this.#acting.ban(user, name, verb === "ban");
    else if (verb === "purge") {
      this.#acting.purge(user, name);
      this.#dialog.close();
    } else if (verb === "only") {
      this.#dialog.close();
      this.#dialog.dispatchEvent(new CustomEvent("only", { detail: user, bubbles: true }));
    }
    this.tick();
  }

  async #submitted(event) {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    if (!fields.text?.trim()) return form.elements.text.focus();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
      if (answer.ok) return await this.#show(await answer.text());
    } catch (wrong) {
      console.warn("The note was not taken:", wrong);
    }
    form.querySelector(".form-wrong").hidden = false; // what was typed stays
  }

  async #load() {
    const { user } = this.#who;
    try {
      const answer = await this.#world.fetch(`${this.#page.addresses.people}/${user}`);
      if (this.#who?.user !== user) return;
      if (answer.ok) return await this.#show(await answer.text());
    } catch (wrong) {
      console.warn("The person could not be asked for:", wrong);
    }
    if (this.#who?.user === user) this.#dialog.querySelector(".person-facts").textContent = this.#page.words.not_loaded;
  }

  async #show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("person-facts");
    if (fresh) this.#dialog.querySelector(".person-facts").replaceChildren(...fresh.childNodes);
  }
}
