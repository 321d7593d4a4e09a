// One's own acts of the last while and the way back from each. It sends nothing by itself.

import { back } from "./console-acts.js";

export const WHILE = 10_000; // ms in which an act can be undone
const KEPT = 30; // acts shown

// An entry is {id, verb, row, writes, until, state}; `row` is as it was before, state: sent | stored | refused | undone.
export class Log {
  #now;
  #last = 0;
  entries = []; // the newest first

  constructor(now) {
    this.#now = now;
  }

  // `undo(entry)` answers the wishes that lead back, or null; without it the row's own way back is taken.
  add({ verb, row, writes, undo, label = {} }) {
    this.#last += 1;
    const entry = { id: this.#last, verb, row, label, undo, keys: new Set(writes.map(({ key }) => key)), waiting: new Set(writes.map(({ key }) => key)),
      at: 0, until: this.#now() + WHILE, state: "sent" };
    this.entries = [entry, ...this.entries].slice(0, KEPT);
    return entry;
  }

  sent(key, at) {
    const entry = this.#of(key);
    if (!entry) return;
    entry.waiting.delete(key);
    if (entry.at === 0) entry.at = at;
    if (entry.waiting.size === 0 && entry.state === "sent") entry.state = "stored";
  }

  // The keys of what was to follow and makes no sense any more.
  refused(key) {
    const entry = this.#of(key);
    if (!entry) return [];
    entry.waiting.delete(key);
    const followers = entry.row ? [...entry.waiting] : [];
    entry.state = entry.row || entry.waiting.size === 0 ? "refused" : entry.state;
    if (entry.row) entry.waiting.clear();
    return followers;
  }

  // The newest act that can be undone now, or the one of this number.
  undoable(id = 0) {
    return this.entries.find((one) => (!id || one.id === id) && this.wayBack(one) !== null) ?? null;
  }

  // The wishes that undo an act; null: it is too late, it never was, or there is no way back.
  wayBack(entry) {
    if (entry.state === "refused" || entry.state === "undone" || entry.until <= this.#now()) return null;
    return entry.undo ? entry.undo(entry) : back(entry.row, entry.verb, { at: entry.at });
  }

  undone(entry) {
    entry.state = "undone";
  }

  // Seconds that are left.
  left(entry) {
    return Math.max(0, Math.ceil((entry.until - this.#now()) / 1000));
  }

  #of(key) {
    return this.entries.find((one) => one.keys.has(key)) ?? null;
  }
}
