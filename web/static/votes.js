// How many voted for what, and what oneself voted for: shown at once, taken back when the site refuses. It touches no page.

const TOGETHER = 6_000; // ms over which all pages ask, when they all lost the same server

export class Votes {
  #world; #page;
  #counts = new Map(); // room -> Map of item -> votes
  #mine = new Map(); // room -> Set of items
  #pending = new Map(); // "room item" -> {wanted, heard}: what is wanted now, which count was heard meanwhile
  #watchers = new Set();
  #fetched = false;
  #cast = 0; // votes: what was asked for before one of them does not know of it
  asked = []; // one's own questions as the site has them

  // `page` is what the page was given: {tally_url, vote_url}.
  constructor(page, world) {
    this.#page = page;
    this.#world = world;
  }

  // `told(room)` hears that something changed in a room.
  watch(told) {
    this.#watchers.add(told);
  }

  // Everything anew: the first time at once, later at a moment of one's own.
  refresh() {
    this.#world.later(this.#fetched ? this.#world.random() * TOGETHER : 0, () => this.#fetch());
    this.#fetched = true;
  }

  count(room, item) {
    const known = this.#counts.get(room)?.get(item) ?? 0;
    const pending = this.#pending.get(name(room, item));
    if (!pending) return known;
    return Math.max(0, known + Number(pending.wanted) - Number(this.#has(room, item)));
  }

  mine(room, item) {
    return this.#pending.get(name(room, item))?.wanted ?? this.#has(room, item);
  }

  // {item: votes} of what begins like this, as far as there are votes.
  of(room, beginning) {
    const found = new Map();
    const items = new Set([...(this.#counts.get(room)?.keys() ?? []), ...this.#wanted(room)]);
    for (const item of items) {
      const count = item.startsWith(beginning) ? this.count(room, item) : 0;
      if (count > 0) found.set(item, count);
    }
    return found;
  }

  // A tally of the live room. While an own vote is on its way nobody knows whether it is counted already.
  hear(room, counts) {
    for (const [item, count] of Object.entries(counts)) {
      const pending = this.#pending.get(name(room, item));
      if (pending) pending.heard = count;
      else this.#set(room, item, count);
    }
    this.#tell(room);
  }

  // `of` is the site's word for the room: questions or chat. Resolves to true, or to the refusal {code, text}.
  async toggle(room, of, item) {
    const key = name(room, item);
    const pending = this.#pending.get(key);
    if (pending) {
      pending.wanted = !pending.wanted;
      this.#tell(room);
      return true;
    }
    const on = !this.#has(room, item);
    this.#pending.set(key, { wanted: on });
    this.#tell(room);
    return this.#send(room, of, item);
  }

  async #send(room, of, item) {
    const key = name(room, item);
    for (;;) {
      const sent = this.#pending.get(key);
      const wanted = sent.wanted;
      const [done, no] = await this.#post({ of, item, on: wanted ? "1" : "0" }, sent);
      if (no) {
        this.#pending.delete(key);
        if (sent.heard !== undefined) this.#set(room, item, sent.heard);
        this.#tell(room);
        return no;
      }
      this.#cast += 1;
      this.#set(room, item, done.count);
      this.#own(room).delete(item);
      if (done.on) this.#own(room).add(item);
      if (sent.wanted !== wanted) continue; // another press meanwhile
      this.#pending.delete(key);
      this.#tell(room);
      return true;
    }
  }

  async #post(fields, sent) {
    sent.heard = undefined;
    try {
      const answer = await this.#world.post(this.#page.vote_url, fields);
      const told = await answer.json();
      return answer.ok ? [told, null] : [null, told];
    } catch {
      return [null, { code: "offline", text: "" }];
    }
  }

  async #fetch() {
    const cast = this.#cast;
    try {
      const answer = await this.#world.fetch(this.#page.tally_url);
      if (!answer.ok) return;
      const { counts, mine, asked } = await answer.json();
      if (cast !== this.#cast) return this.#fetch();
      for (const [room, items] of Object.entries(counts)) this.#counts.set(room, new Map(Object.entries(items)));
      for (const [room, items] of Object.entries(mine)) this.#mine.set(room, new Set(items));
      this.asked = asked;
      for (const room of Object.keys(counts)) this.#tell(room);
    } catch (wrong) {
      console.warn("The votes could not be fetched; they are with the next connection:", wrong);
    }
  }

  *#wanted(room) {
    for (const key of this.#pending.keys()) if (key.startsWith(`${room} `)) yield key.slice(room.length + 1);
  }

  #has(room, item) {
    return this.#mine.get(room)?.has(item) ?? false;
  }

  #own(room) {
    if (!this.#mine.has(room)) this.#mine.set(room, new Set());
    return this.#mine.get(room);
  }

  #set(room, item, count) {
    if (!this.#counts.has(room)) this.#counts.set(room, new Map());
    if (count > 0) this.#counts.get(room).set(item, count);
    else this.#counts.get(room).delete(item);
  }

  #tell(room) {
    for (const told of this.#watchers) told(room);
  }
}

function name(room, item) {
  return `${room} ${item}`;
}
