// <question-list>: the questions of a channel; shows what the feed holds, passes on what a person asks and supports.

import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { QuestionFeed, steady } from "./question-feed.js";
import { QuestionRows } from "./question-rows.js";

const NOTICE = 5_000; // ms a result stays to be read
const LISTS = ["answering", "open", "elsewhere", "answered"];

export class QuestionList extends HTMLElement {
  #live; #page; #world; #votes; #feed; #clock;
  #lists = new Map();
  #sort = "popular";
  #caughtUp = false;
  #drawing = false;
  #forgetNotice = () => {};

  // `page` is what the page was given: {stage: room, user, may, language, sentences, words}.
  start(live, page, world, votes) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#votes = votes;
    this.#clock = new Clock(page.language, this.dataset.zone);
    this.#feed = new QuestionFeed(world.keep(`veche:asked:${page.user}:${page.stage}`));
    const template = this.querySelector("#question-row");
    for (const name of LISTS) {
      this.#lists.set(name, new QuestionRows(this.querySelector(`.questions-${name} ul`), template, page, this.#clock));
    }
    this.#bind();
    votes.watch((room) => room === page.stage && this.#counted());
    live.watch(() => this.#draw());
  }

  // What was asked and not yet acknowledged.
  restore(writes) {
    for (const write of writes) if (write.do === "question.ask") this.#feed.write(write);
    this.#draw();
  }

  // ---- what Live tells ------------------------------------------------------------------------------------------

  restart() {
    this.#feed.restart();
    this.#caughtUp = false;
    this.#draw();
  }

  hear(event) {
    const fresh = event.is === "question.shown" && this.#caughtUp;
    this.#feed.hear(event);
    if (event.is === "question.hidden" && this.#feed.isOwn(event.item)) this.#votes.refresh();
    if (fresh) this.dispatchEvent(new CustomEvent("news"));
    this.#draw();
  }

  caughtUp() {
    this.#caughtUp = true;
    this.#open(true);
    this.#draw();
  }

  sent(key, at, { item }) {
    this.#feed.sent(key, item);
    this.#say(this.#page.words.question_sent);
    this.#draw();
  }

  held() {}
  muted() {}

  postponed(key, no) {
    this.#feed.postponed(key, no);
    this.#draw();
  }

  refused(key, no) {
    this.#feed.refused(key, no);
    this.#draw();
  }

  closed(no) {
    this.#open(false);
    this.#forgetNotice();
    this.querySelector(".questions-notice").textContent = this.#page.sentences[no.code] || this.#page.words.state_closed;
  }

  // Who may not even read here cannot ask either.
  #open(on) {
    const form = this.querySelector(".ask");
    if (!form || form.hidden === !on) return;
    form.hidden = !on;
    if (on) this.#say("");
  }

  hinted(hint) {
    if (hint.is === "tally") this.#votes.hear(hint.room, hint.counts);
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  #bind() {
    this.addEventListener("click", (event) => this.#clicked(event));
    const form = this.querySelector(".ask");
    if (!form) return;
    const draft = this.#world.keep(`veche:question:${this.#page.user}:${this.#page.stage}`);
    new Composer(form, this.#page, draft, (text) => this.#ask(text, form.querySelector("[name=anonymous]").checked));
  }

  #ask(text, anonymous) {
    const [room, key, when] = [this.#page.stage, this.#world.key(), this.#world.now()];
    const write = { do: "question.ask", room, key, text, anonymous, when };
    this.#feed.write(write);
    this.#live.write(write);
    this.querySelector(".questions-scroll").scrollTop = 0;
    this.#draw();
  }

  #clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const { item, key } = button.closest("li")?.dataset ?? {};
    const is = (name) => button.classList.contains(name);
    if (is("question-vote")) this.#support(item);
    if (button.dataset.sort) this.#order(button);
    if (is("question-retry")) {
      this.#feed.retry(key);
      this.#live.retry(key);
    }
    if (is("question-remove")) {
      this.#feed.remove(key);
      this.#live.remove(key);
    }
    this.#draw();
  }

  async #support(item) {
    const no = await this.#votes.toggle(this.#page.stage, "questions", item);
    if (no !== true) this.#say(no.text || this.#page.words.vote_failed);
  }

  #order(button) {
    this.#sort = button.dataset.sort;
    for (const one of this.querySelectorAll("[data-sort]")) one.setAttribute("aria-pressed", String(one === button));
  }

  #counted() {
    this.#feed.known(this.#votes.asked);
    this.#draw();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    const room = this.#page.stage;
    const view = this.#feed.view((item) => this.#votes.count(room, item), this.#sort);
    for (const name of LISTS) {
      const list = this.#lists.get(name);
      const ordered = name === "open" && list.busy ? steady(list.items, view[name]) : view[name];
      list.draw(ordered.map((one) => ({ ...one, mine: this.#votes.mine(room, one.item) })));
      this.querySelector(`.questions-${name}`).hidden = view[name].length === 0;
      const count = this.querySelector(`.questions-${name} .count`);
      if (count) count.textContent = String(view[name].length);
    }
    this.querySelector(".questions-skeleton").hidden = this.#caughtUp || !this.#feed.empty;
    this.querySelector(".questions-empty").hidden = !this.#caughtUp || !this.#feed.empty;
    this.querySelector(".questions-sort").hidden = view.open.length < 2;
    this.#drawOwn(view.own);
  }

  #drawOwn(own) {
    const list = this.querySelector(".questions-own ul");
    this.querySelector(".questions-own").hidden = own.length === 0;
    const drawn = JSON.stringify([own, this.#live.state]);
    if (list.dataset.drawn === drawn) return;
    list.dataset.drawn = drawn;
    list.replaceChildren(...own.map((one) => this.#ownRow(one)));
  }

  #ownRow(one) {
    const row = this.querySelector("#own-question").content.firstElementChild.cloneNode(true);
    const { words, sentences } = this.#page;
    const why = one.no ? (sentences[one.no.code] ?? one.no.text) : one.reason;
    const status = one.status === "sending" && this.#live.state !== "live" ? "waiting" : one.status;
    Object.assign(row.dataset, { key: one.key ?? "", status });
    row.querySelector(".question-text").textContent = one.text;
    const says = status === "waiting" ? why || words.waiting : [words[`own_${status}`], why].filter(Boolean).join(". ");
    row.querySelector(".question-state").textContent = says;
    row.querySelector(".question-retry").hidden = status !== "refused";
    row.querySelector(".question-remove").hidden = status !== "refused";
    return row;
  }

  #say(sentence) {
    const notice = this.querySelector(".questions-notice");
    this.#forgetNotice();
    notice.textContent = sentence;
    this.#forgetNotice = this.#world.later(NOTICE, () => (notice.textContent = ""));
  }
}

customElements.define("question-list", QuestionList);
