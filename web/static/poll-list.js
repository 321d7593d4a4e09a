// <poll-list>: the polls of a channel; draws what the site says of them and passes on a vote. It counts nothing itself.

import { PollCard } from "./poll-card.js";
import { Reread, SITE_KNOWS, Standing } from "./reread.js";

const TOGETHER = 6_000; // ms over which all pages ask when a poll begins or ends
const NOW_AND_THEN = 60_000; // ms within which each page asks again how a secret poll stands, once its reader has voted

export class PollList extends HTMLElement {
  #page; #world;
  #polls = new Map(); // id -> poll as the site told it
  #cards = new Map(); // id -> PollCard
  #loaded = false;
  #failed = false;
  #heard = false; // the room told how polls stand: what comes now is news
  #came = false; // the room was joined before
  #cast = 0; // votes: what was asked for before one of them does not know of it
  #recounting = false;
  #standing = new Standing();
  #reread;

  // `page` is what the page was given: {polls_url, words, language}.
  start(live, page, world) {
    this.#page = page;
    this.#world = world;
    // Whoever opens and closes polls sees them at once, and the site knows that.
    this.#reread = new Reread(world, page.may.includes("moderate") ? 0 : TOGETHER, () => this.#fetch());
    this.querySelector(".polls-retry").addEventListener("click", () => this.#fetch());
    this.#fetch();
  }

  // ---- what Live tells ------------------------------------------------------------------------------------------

  hear(event) {
    if (event.is !== "poll.stands") return;
    this.#standing.hear(event);
    if (event.status === "gone") this.#drop(event.poll);
    else this.#reread.soon(() => this.#differs());
    if (this.#heard && event.status === "open") this.dispatchEvent(new CustomEvent("news"));
  }

  caughtUp() {
    if (this.#came) this.#reread.soon(); // the line was away; the first time they are on their way already
    this.#came = this.#heard = true;
  }

  restart() {
    this.#heard = false;
    this.#standing.restart();
  }

  hinted({ is, counts }) {
    if (is !== "tally") return;
    for (const [item, count] of Object.entries(counts)) {
      const [kind, id, option] = item.split(":");
      const poll = kind === "poll" ? this.#polls.get(Number(id)) : undefined;
      if (poll) this.#count(poll, option, count);
    }
    this.#draw();
  }

  // For what people vote in a secret poll is told to nobody: whoever voted sees how it stood then, and asks again.
  #count(poll, option, count) {
    const hidden = poll.secret && poll.status === "open";
    if (hidden && poll.results) {
      if (option === undefined && count !== poll.votes) this.#recount();
    } else if (option === undefined) poll.votes = count;
    else if (poll.results) for (const one of poll.options) if (one.id === Number(option)) one.count = count;
  }

  #recount() {
    if (this.#recounting) return;
    this.#recounting = true;
    this.#world.later(SITE_KNOWS + this.#world.random() * NOW_AND_THEN, () => {
      this.#recounting = false;
      this.#fetch();
    });
  }

  // ---- the site -------------------------------------------------------------------------------------------------

  #differs() {
    return this.#standing.differs((poll) => this.#polls.get(poll)?.status);
  }

  // Whether it was answered.
  async #fetch() {
    const cast = this.#cast;
    try {
      const answer = await this.#world.fetch(this.#page.polls_url);
      if (!answer.ok) throw new Error(`the site answered ${answer.status}`);
      const { polls } = await answer.json();
      if (cast !== this.#cast) return this.#fetch();
      this.#polls = new Map(polls.map((one) => [one.id, one]));
      this.#loaded = true;
      this.#failed = false;
    } catch (wrong) {
      console.warn("The polls could not be fetched:", wrong);
      this.#failed = true;
    }
    this.#draw();
    return !this.#failed;
  }

  // Resolves to a sentence when it could not be done.
  async #vote(poll, options) {
    try {
      const fields = options.map((id) => ["option", String(id)]);
      const answer = await this.#world.post(`${poll.vote}.json`, fields);
      const told = await answer.json();
      if (!answer.ok) return told.text || this.#page.words.vote_failed;
      this.#cast += 1;
      this.#polls.set(poll.id, told.poll);
      this.#draw();
      return "";
    } catch {
      return this.#page.words.vote_failed;
    }
  }

  #drop(id) {
    this.#polls.delete(id);
    this.#draw();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  #draw() {
    const list = this.querySelector(".polls-cards");
    const shown = [...this.#polls.values()].sort((one, other) => Number(other.status === "open") - Number(one.status === "open"));
    for (const [id, card] of this.#cards) {
      if (this.#polls.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    shown.forEach((poll, place) => {
      if (!this.#cards.has(poll.id)) this.#cards.set(poll.id, this.#card());
      const { element } = this.#cards.get(poll.id);
      this.#cards.get(poll.id).draw(poll);
      if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
    });
    this.querySelector(".polls-skeleton").hidden = this.#loaded || this.#failed;
    this.querySelector(".polls-empty").hidden = !this.#loaded || shown.length > 0;
    this.querySelector(".polls-failed").hidden = !this.#failed || this.#loaded;
  }

  #card() {
    const element = this.querySelector("#poll-card").content.firstElementChild.cloneNode(true);
    return new PollCard(element, this.#page, (poll, options) => this.#vote(poll, options));
  }
}

customElements.define("poll-list", PollList);
