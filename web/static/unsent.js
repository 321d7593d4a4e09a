// What a person wrote and the server has not acknowledged, in order, kept over a reload. It never touches the socket.

// A write is {do, room, key, ...fields, when}. `no` on it means: refused for good, waiting for the person's decision.
export class Unsent {
  #writes;
  #keep;

  // `keep` has read() and write(value); what read() returns is what write() was given last, or null.
  constructor(keep) {
    this.#keep = keep;
    const kept = keep.read();
    this.#writes = Array.isArray(kept) ? kept.filter((one) => typeof one?.key === "string") : [];
  }

  add(write) {
    this.#writes.push(write);
    this.#save();
  }

  // The oldest write that may go now.
  next(may) {
    return this.#writes.find((one) => !one.no && may(one)) ?? null;
  }

  of(room) {
    return this.#writes.filter((one) => one.room === room);
  }

  has(key) {
    return this.#writes.some((one) => one.key === key);
  }

  remove(key) {
    this.#writes = this.#writes.filter((one) => one.key !== key);
    this.#save();
  }

  refuse(key, no) {
    this.#change(key, (one) => ({ ...one, no }));
  }

  retry(key) {
    this.#change(key, ({ no, ...one }) => one);
  }

  #change(key, change) {
    this.#writes = this.#writes.map((one) => (one.key === key ? change(one) : one));
    this.#save();
  }

  #save() {
    this.#keep.write(this.#writes);
  }
}
