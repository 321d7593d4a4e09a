// The questions of one channel: what everybody sees, and one's own that wait. It never touches the page and counts no votes.

// What the site or the server says of an own question that readers do not have: asked, rejected or merged.
const WAITING = new Set(["asked", "rejected", "merged"]);

// A question shown is {item, status, user, name, badge, text, answer, pinned, when, session}; an own one that is not is
// {key, item, text, status, reason, when, no}: sending | waiting | refused (not sent, `no` says why) | asked | rejected | merged.
export class QuestionFeed {
  #keep;
  #shown = new Map(); // item -> question
  #unsent = [];
  #asked = []; // stored, and perhaps not yet known to the site
  #known = new Map(); // item -> own question as the site has it
  session = 0; // what is on

  // `keep` has read() and write(value), over a reload.
  constructor(keep) {
    this.#keep = keep;
    this.#asked = keep.read() ?? [];
  }

  get empty() {
    return this.#shown.size === 0;
  }

  // ---- what the server says -------------------------------------------------------------------------------------

  restart() {
    this.#shown.clear();
  }

  hear(event) {
    if (event.is === "question.shown") this.#shown.set(event.item, { ...event, session: event.session ?? 0 });
    else if (event.is === "question.hidden" || event.is === "question.left") this.#shown.delete(event.item);
    else if (event.is === "channel.on_air") this.session = event.session;
  }

  // Own questions as the site has them.
  known(asked) {
    this.#known = new Map(asked.map((one) => [one.item, one]));
    this.#forget(({ item }) => this.#known.has(item));
  }

  isOwn(item) {
    return this.#known.has(item) || this.#asked.some((one) => one.item === item);
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  write({ key, text, when, no }) {
    this.#unsent.push({ key, item: "", text, when, status: no ? "refused" : "sending", reason: "", no });
  }

  sent(key, item) {
    const own = this.#unsent.find((one) => one.key === key);
    this.remove(key);
    if (!own || !item || this.isOwn(item)) return;
    this.#asked.push({ item, text: own.text, when: own.when });
    this.#keep.write(this.#asked);
  }

  postponed(key, no) {
    this.#change(key, { status: "waiting", no });
  }

  refused(key, no) {
    this.#change(key, { status: "refused", no });
  }

  retry(key) {
    this.#change(key, { status: "sending", no: undefined });
  }

  remove(key) {
    this.#unsent = this.#unsent.filter((one) => one.key !== key);
  }

  // ---- what is to be seen ---------------------------------------------------------------------------------------

  // {answering, open, elsewhere, answered, own}. `votes(item)` counts; `sort`: popular or new. Pinned ones come first.
  view(votes, sort) {
    const shown = [...this.#shown.values()].map((one) => ({ ...one, own: this.isOwn(one.item), votes: votes(one.item) }));
    shown.sort(ORDERS[sort]);
    const here = (one) => one.session === this.session || one.pinned;
    const open = shown.filter(({ status }) => status === "approved");
    return {
      answering: shown.filter(({ status }) => status === "answering"),
      open: [...open.filter(({ pinned }) => pinned), ...open.filter((one) => here(one) && !one.pinned)],
      elsewhere: open.filter((one) => !here(one)),
      answered: shown.filter(({ status }) => status === "answered").sort(ORDERS.new),
      own: this.#own(),
    };
  }

  #own() {
    const asked = this.#asked.map((one) => ({ key: "", reason: "", status: "asked", ...one }));
    const known = [...this.#known.values()].filter(({ status }) => WAITING.has(status));
    const hidden = [...known, ...asked].filter(({ item }) => !this.#shown.has(item));
    return [...this.#unsent, ...hidden].sort((one, other) => other.when - one.when);
  }

  #forget(gone) {
    if (!this.#asked.some(gone)) return;
    this.#asked = this.#asked.filter((one) => !gone(one));
    this.#keep.write(this.#asked);
  }

  #change(key, change) {
    this.#unsent = this.#unsent.map((one) => (one.key === key ? { ...one, ...change } : one));
  }
}

const ORDERS = {
  new: (one, other) => other.when - one.when,
  popular: (one, other) => other.votes - one.votes || one.when - other.when,
};

// The same things in the order they had, new ones behind: nothing moves away under a finger.
export function steady(before, now) {
  const place = new Map(before.map((item, at) => [item, at]));
  const at = ({ item }) => place.get(item) ?? before.length;
  return [...now].sort((one, other) => at(one) - at(other));
}
