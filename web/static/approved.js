// The questions of a channel that moderators let through, as its room tells them. It draws nothing and opens no socket.

const LET_THROUGH = { answering: 0, approved: 1, answered: 2 }; // in the order they are shown

export class Approved {
  #items = new Map();
  #votes;
  #session;

  // `votes`: item -> how many want it answered; `session` 0: those of all sessions.
  constructor({ votes = {}, session = 0 } = {}) {
    this.#votes = new Map(Object.entries(votes));
    this.#session = session;
  }

  restart() {
    this.#items.clear();
  }

  turn(session) {
    this.#session = session;
  }

  // All counts anew, as the site has them.
  recount(votes) {
    this.#votes = new Map(Object.entries(votes));
  }

  // Whether something changed.
  hear(event) {
    if (event.is === "question.shown") this.#items.set(event.item, event);
    else if (event.is === "question.hidden" || event.is === "question.left") return this.#items.delete(event.item);
    else return false;
    return true;
  }

  count(counts) {
    for (const [item, count] of Object.entries(counts)) this.#votes.set(item, count);
  }

  votes(item) {
    return this.#votes.get(item) ?? 0;
  }

  // What is being answered comes first, what was answered last; between them what most people want.
  list() {
    const here = [...this.#items.values()].filter((one) => this.#session === 0 || one.session === this.#session);
    const wanted = (one, other) =>
      LET_THROUGH[one.status] - LET_THROUGH[other.status] ||
      Number(other.pinned) - Number(one.pinned) ||
      this.votes(other.item) - this.votes(one.item) ||
      one.when - other.when;
    return here.sort(wanted);
  }

  // The question that is being answered; of several the one said last. Null: none is.
  answering() {
    const now = [...this.#items.values()].filter((one) => one.status === "answering");
    return now.sort((one, other) => other.at - one.at)[0] ?? null;
  }
}

// What Live tells of a channel's stage, sorted: `told` hears questions(), counts(counts), poll(event), onAir(event),
// caughtUp(), closed().
export class Stage {
  #approved;
  #told;

  constructor(approved, told) {
    this.#approved = approved;
    this.#told = told;
  }

  restart() {
    this.#approved.restart();
  }

  hear(event) {
    if (event.is === "poll.stands") this.#told.poll?.(event);
    else if (event.is === "channel.on_air") this.#told.onAir?.(event);
    else if (this.#approved.hear(event)) this.#told.questions?.();
  }

  caughtUp() {
    this.#told.questions?.();
    this.#told.caughtUp?.();
  }

  hinted(hint) {
    if (hint.is !== "tally") return;
    this.#approved.count(hint.counts);
    this.#told.counts?.(hint.counts);
  }

  closed() {
    this.#told.closed?.();
  }

  muted() {}
  sent() {}
  held() {}
  postponed() {}
  refused() {}
}
