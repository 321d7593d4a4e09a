// What is one's own alone in a chat: what waits for a moderator, was refused, or was not published. It never touches the page.

const QUIET = new Set(["chat.withdraw", "chat.discard"]);

export class Own {
  #live; #page; #world; #feed;
  #quiet = new Set(); // keys of writes that have shown already what they do

  constructor(live, page, world, feed) {
    this.#live = live;
    this.#page = page;
    this.#world = world;
    this.#feed = feed;
  }

  // What was written before the page was loaded anew.
  restore(write) {
    if (QUIET.has(write.do)) this.#quiet.add(write.key);
  }

  // Whether the write with this key, which is stored or refused now, was one of these. A refused one was decided before:
  // what came of it is told.
  settled(key) {
    if (!this.#quiet.delete(key)) return false;
    this.#live.remove(key);
    return true;
  }

  // A message at a place between two others is seen by nobody else: it waits for a moderator, under its key.
  takeBack(target) {
    const message = this.#feed.find(target);
    if (!message) return; // it was published meanwhile
    this.#feed.vanish(target);
    this.#write({ do: "chat.withdraw", said: message.key });
  }

  // What was not published is needed no longer: what it was, or undefined when it was let go before.
  letGo(item) {
    const gone = this.#feed.letGo(item);
    if (gone) this.#write({ do: "chat.discard", item });
    return gone;
  }

  // The row of such a message is to go.
  remove({ state, key, item }) {
    if (state === "dropped") return this.letGo(item);
    if (state === "held") this.#write({ do: "chat.withdraw", said: key });
    this.#live.remove(key);
    this.#feed.remove(key);
  }

  #write(wish) {
    const key = this.#world.key();
    this.#quiet.add(key);
    this.#live.write({ ...wish, room: this.#page.room, key, when: this.#world.now() });
  }
}
