// What one chat shows: messages in order, one's own before they are acknowledged, what is being deleted. It never touches the page.

export const EDITED_WITHIN = 15 * 60_000; // ms; the server keeps what is older as it is
export const SHOWN = 500; // messages; more and a phone grows slow, and nobody scrolls further
const TOGETHER = 5 * 60_000; // ms between messages of one person shown under one name

// A message is {id, at, user, name, badge, key, text, when, state, no, edited}; `at` is its name and its place for ever,
// null until the server has it, and no whole number while nobody else sees it.
// state: said (heard or acknowledged) | sending | waiting (goes later by itself, `no` says why) | refused (`no` says why)
//   | held (stored, and nobody sees it until a moderator has) | editing (its new text is on its way)
//   | dropped (a moderator decided that nobody sees it; `item` is its name, `target` the message it was a new text of)
export class Feed {
  #me;
  #shown;
  #stored = []; // by offset
  #unsent = []; // in the order they were written
  #dropped = []; // in the order they were decided about
  #leaving = new Map(); // offset -> key of the deletion under way, null when it is stored and not heard yet
  #edits = new Map(); // key of an edit under way -> {target, text}
  #waits = new Map(); // item -> a new text that waits for the message `target`, {item, key, text, held, target}
  trimmed = false; // older messages were let go
  pinned = null; // the message on top of the room: {at, user, name, text}

  constructor(me, { shown = SHOWN } = {}) {
    this.#me = me;
    this.#shown = shown;
  }

  get empty() {
    return this.#stored.length === 0 && this.#unsent.length === 0 && this.#dropped.length === 0;
  }

  // ---- what the server says -------------------------------------------------------------------------------------

  restart() {
    this.#stored = [];
    this.#waits.clear(); // told again with what comes now, as what waits in no place of its own
    this.trimmed = false;
    this.pinned = null;
    // What was stored is not among what comes now; in another life of the room its offset is somebody else's.
    for (const [target, key] of this.#leaving) if (key === null) this.#leaving.delete(target);
  }

  hear(event) {
    if (event.is === "chat.said") this.#said(event);
    else if (event.is === "chat.restored") this.#said({ ...event.said, at: event.at });
    else if (event.is === "chat.edited") this.#edited(event);
    else if (event.is === "chat.retracted") this.#forget(({ at }) => at === event.target);
    else if (event.is === "chat.purged") this.#forget(({ user, at, state }) => user === event.user && at < event.at && state !== "held");
    else if (event.is === "chat.pinned") this.pinned = { ...event.said, at: event.target };
    else if (event.is === "chat.unpinned") this.pinned = null;
    if (event.ends?.includes("pin")) this.pinned = null; // what was on top is forgotten, perhaps before we heard of it
  }

  // A moderator sees it before anybody else does; `at` is where it stands for its author meanwhile.
  held(key, at) {
    if (Number.isInteger(at)) return this.#changeUnsent(key, { state: "held", no: undefined }); // a server of before does not say
    const own = this.#takeUnsent(key);
    if (own) this.#store({ ...own, at, state: "held", no: undefined });
  }

  // These of one's own does nobody else see yet; those named in `over` wait no more, null: all others.
  waits(texts, over) {
    const [items, keys] = [new Set(over), new Set(texts.map(({ key }) => key))];
    const ends = (one) => (over === null ? !keys.has(one.key) : items.has(one.item));
    this.#stored = this.#stored.filter((one) => Number.isInteger(one.at) || !ends(one));
    for (const one of this.#waits.values()) if (ends(one)) this.#waits.delete(one.item);
    for (const text of texts) {
      if (text.target) this.#waitsFor(text);
      else this.#waitsAlone(text);
    }
  }

  // These of one's own did moderators not publish, and no others. Answers whether one of them is new here.
  dropped(texts) {
    const before = new Set(this.#dropped.map(({ item }) => item));
    const { user, name, badge } = this.#me;
    this.#dropped = texts.map(({ item, key, text, when, target = 0 }) => {
      return { id: `dropped:${item}`, at: null, item, target, user, name, badge, key, text, when, state: "dropped", no: undefined, edited: false };
    });
    for (const { key, item } of texts) {
      this.#takeUnsent(key);
      this.#takeBack(key);
      this.#waits.delete(item);
    }
    return this.#dropped.some(({ item }) => !before.has(item));
  }

  // `heard`: everything up to `at` was heard already; a message that is not here was deleted or is too old to show.
  sent(key, at, { heard }) {
    const own = this.#takeUnsent(key);
    if (own && !heard) this.#store({ ...own, at, state: "said", no: undefined });
  }

  postponed(key, no) {
    this.#changeUnsent(key, { state: "waiting", no });
  }

  refused(key, no) {
    this.#changeUnsent(key, { state: "refused", no });
  }

  // ---- what the person does -------------------------------------------------------------------------------------

  // `write` is a chat.say as Live delivers it.
  write({ key, text, when, no }) {
    const { user, name, badge } = this.#me;
    const state = no ? "refused" : "sending";
    const id = `${user}:${key}`;
    this.#unsent.push({ id, at: null, user, name, badge, key, text, when, state, no, edited: false });
  }

  retry(key) {
    this.#changeUnsent(key, { state: "sending", no: undefined });
  }

  remove(key) {
    this.#takeUnsent(key);
    this.#takeBack(key);
  }

  // One's own text that was not published is needed no longer; what it was, or undefined.
  letGo(item) {
    const gone = this.#dropped.find((one) => one.item === item);
    this.#dropped = this.#dropped.filter((one) => one !== gone);
    return gone;
  }

  // Nobody but oneself was shown this message, and there is nothing to be told of it.
  vanish(target) {
    this.#stored = this.#stored.filter(({ at }) => at !== target);
  }

  leave(target, key) {
    this.#leaving.set(target, key);
  }

  leaves(target) {
    return this.#leaving.has(target);
  }

  // The text of an own message is to be another one; `key` is the edit's.
  edit(target, key, text) {
    for (const [other, one] of this.#edits) if (one.target === target) this.#edits.delete(other);
    this.#edits.set(key, { target, text });
  }

  // The edit with this key was refused; whether it was one of ours.
  undo(key) {
    return this.#edits.delete(key);
  }

  // The edit with this key is stored. `heard`: its event was heard already.
  changed(key, { heard }) {
    if (heard) this.#edits.delete(key);
    return this.#edits.has(key) || heard;
  }

  edits(key) {
    return this.#edits.has(key);
  }

  // The message of this name, or undefined.
  find(target) {
    return this.#stored.find(({ at }) => at === target);
  }

  // The message of one's own that was written with this key, or undefined.
  own(key) {
    return this.#stored.find((one) => one.user === this.#me.user && one.key === key);
  }

  // The newest message of one's own, if its text may still be changed.
  lastOwn(now) {
    const last = this.#stored.findLast(({ user, at }) => user === this.#me.user && !this.#leaving.has(at));
    return last && now - last.when < EDITED_WITHIN ? last : undefined;
  }

  // The deletion with this key was refused; the offset of the message that stays, or null when it was none of ours.
  stay(key) {
    for (const [target, one] of this.#leaving) {
      if (one !== key) continue;
      this.#leaving.delete(target);
      return target;
    }
    return null;
  }

  // ---- what is to be seen ---------------------------------------------------------------------------------------

  // Messages top to bottom. `first`: shown with name and time. `day`: the first of a day; `dayOf(when)` names days.
  rows(dayOf) {
    let before = null;
    let named = null; // the message that carries the name of those under it
    return [...this.#stored, ...this.#dropped, ...this.#unsent].map((message) => {
      const day = before === null || dayOf(before.when) !== dayOf(message.when);
      const first = day || named.user !== message.user || message.when - named.when > TOGETHER;
      before = message;
      if (first) named = message;
      const change = message.at === null ? null : this.#change(message);
      return { ...message, ...change, day, first, leaving: this.#leaving.has(message.at) };
    });
  }

  #said(event) {
    const { at, user, name, badge, key, text, when, edited = false } = event;
    const id = `${user}:${key}`;
    if (user === this.#me.user) {
      this.#takeUnsent(key);
      this.#takeBack(key); // it may have stood where nobody else sees anything
    }
    this.#store({ id, at, user, name, badge, key, text, when, edited, state: "said", no: undefined });
  }

  // It stays where it stood, also for whoever has not heard what it was before.
  #edited({ target, said }) {
    for (const [key, one] of this.#edits) if (one.target === target && one.text === said.text) this.#edits.delete(key);
    for (const one of this.#waits.values()) if (one.target === target && one.text === said.text) this.#waits.delete(one.item);
    this.#said({ ...said, at: target, edited: true });
    if (this.pinned?.at === target) this.pinned = { ...said, at: target };
  }

  #change(message) {
    for (const one of this.#edits.values()) {
      if (one.target === message.at) return { text: one.text, state: "editing" };
    }
    const waits = [...this.#waits.values()].findLast(({ target }) => target === message.at);
    if (!waits) return null;
    return waits.held ? { waits: true } : { text: waits.text, edited: true };
  }

  #waitsAlone({ item, key, text, when, at, held }) {
    const { user, name, badge } = this.#me;
    this.#takeUnsent(key);
    const id = `${user}:${key}`;
    if (this.#stored.some((one) => one.id === id && Number.isInteger(one.at))) return; // it was published meanwhile
    this.#takeBack(key);
    this.#store({ id, at, item, user, name, badge, key, text, when, state: held ? "held" : "said", no: undefined, edited: false });
  }

  // The new text of a message: nobody else reads it yet, and one's own page may not show that.
  #waitsFor({ item, key, text, target, held }) {
    if (!held) this.#edits.delete(key);
    this.#waits.set(item, { item, key, text, held, target });
  }

  // What waited under this key does not any more.
  #takeBack(key) {
    this.#stored = this.#stored.filter((one) => Number.isInteger(one.at) || one.key !== key);
  }

  #forget(gone) {
    for (const { at } of this.#stored.filter(gone)) this.#leaving.delete(at);
    this.#stored = this.#stored.filter((message) => !gone(message));
    if (this.pinned && gone(this.pinned)) this.pinned = null;
  }

  #store(message) {
    let place = this.#stored.length;
    while (place > 0 && this.#stored[place - 1].at > message.at) place -= 1;
    const there = this.#stored[place - 1]?.at === message.at; // acknowledged first, heard now
    this.#stored.splice(there ? place - 1 : place, there ? 1 : 0, message);
    if (this.#stored.length <= this.#shown) return;
    this.#stored.shift();
    this.trimmed = true;
  }

  #takeUnsent(key) {
    const own = this.#unsent.find((message) => message.key === key);
    this.#unsent = this.#unsent.filter((message) => message !== own);
    return own;
  }

  #changeUnsent(key, change) {
    this.#unsent = this.#unsent.map((message) => (message.key === key ? { ...message, ...change } : message));
  }
}
