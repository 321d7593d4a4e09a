// The console's sheet for announcements: writes one, shows what stands, withdraws it. Its form works on a page of its own, too.

export class Announcing {
  #sheet; #bar; #page; #world; #desk; #form;
  #sending = false;

  // `bar` knows what stands; `desk` is the console: its key asks for the sheet, and it says what came of it.
  constructor(sheet, bar, page, world, desk) {
    this.#sheet = sheet;
    this.#bar = bar;
    this.#page = page;
    this.#world = world;
    this.#desk = desk;
    this.#form = sheet.querySelector(".announce-form");
    desk.addEventListener("announce", () => this.#open());
    bar.addEventListener("standing", () => this.#draw());
    document.querySelector("[data-announce]").addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own
      event.preventDefault();
      this.#open();
    });
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    });
  }

  #open() {
    this.#draw();
    this.#sheet.showModal();
    this.#form.querySelector("textarea").focus();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#sending) return;
    this.#sending = true;
    const no = await this.#post("", new FormData(this.#form));
    this.#sending = false;
    this.#say(no);
    if (no) return;
    this.#form.reset();
    this.#form.querySelector("[name=form_key]").value = this.#world.key();
    this.#sheet.close();
    this.#desk.say(this.#page.words.announced);
  }

  async #withdraw(item) {
    const no = await this.#post("/withdraw", [["item", item]]);
    this.#say(no);
    if (!no) this.#form.querySelector("textarea").focus();
  }

  // What is wrong, or "".
  async #post(what, fields) {
    try {
      const answer = await this.#world.post(`${this.#page.addresses.announcements}${what}.json`, [...fields]);
      return answer.ok ? "" : (await answer.json()).text;
    } catch {
      return this.#page.words.not_announced;
    }
  }

  #say(sentence) {
    const place = this.#sheet.querySelector(".announce-wrong");
    place.textContent = sentence;
    place.hidden = sentence === "";
  }

  #draw() {
    const standing = this.#bar.standing.toReversed();
    this.#sheet.querySelector(".announce-standing").hidden = standing.length === 0;
    this.#sheet.querySelector(".told-list").replaceChildren(...standing.map(({ item, text }) => {
      const row = this.#sheet.querySelector("template").content.firstElementChild.cloneNode(true);
      row.querySelector(".told-text").textContent = text;
      row.querySelector("button").addEventListener("click", () => this.#withdraw(item));
      return row;
    }));
  }
}
