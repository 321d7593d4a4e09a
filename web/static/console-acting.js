// Does what a moderator decides: keyed writes, shown at once, written into the log, taken back in time. It draws nothing.

import { back, banish, silence, wishes } from "./console-acts.js";
import { nameOf, place } from "./console-desk.js";

export class Acting {
  #live; #desk; #log; #world; #numbers;
  #told = new Set();

  // `numbers` are the channels'.
  constructor(live, desk, log, world, numbers) {
    this.#live = live;
    this.#desk = desk;
    this.#log = log;
    this.#world = world;
    this.#numbers = numbers;
  }

  // `told(id, no)` hears of every refusal: the row's id or "", and why.
  watch(told) {
    this.#told.add(told);
  }

  // What was on its way when the page was loaded anew.
  restore(write) {
    if (write.no) this.#live.remove(write.key);
    else this.#desk.does(write);
  }

  act(row, verb, fields = {}) {
    // What one saw is not what one's own act before this one will have made of it.
    const all = wishes({ ...row, at: this.#desk.placeOf(row) }, verb, fields).map((wish) => (this.#desk.isUnderWay(row.id) ? { ...wish, seen: undefined } : wish));
    return this.#go({ verb, row }, all);
  }

  mute(user, name, seconds) {
    const before = this.#desk.silence(user).until;
    const rooms = this.#rooms("chat", "questions");
    const undo = () => silence(rooms, user, Math.max(0, Math.round((before - this.#world.now()) / 1000)));
    return this.#go({ verb: seconds ? "mute" : "unmute", undo, label: { name, minutes: seconds / 60 } }, silence(rooms, user, seconds));
  }

  ban(user, name, on) {
    const rooms = this.#rooms("chat", "questions");
    return this.#go({ verb: on ? "ban" : "unban", undo: () => banish(rooms, user, !on), label: { name } }, banish(rooms, user, on));
  }

  // Everything a person wrote in the chats goes, and their questions are rejected.
  purge(user, name) {
    const messages = this.#desk.rows("message").filter((row) => row.user === user && !row.deleted);
    const questions = this.#desk.rows("question").filter((row) => row.user === user && !["rejected", "merged"].includes(row.status));
    // Also where none of theirs is at the desk: some may have left it.
    const all = this.#rooms("chat", "questions").map((room) => ({ do: "chat.purge", room, user }));
    const undo = () => [
      ...messages.map(({ room, target }) => ({ do: "chat.restore", room, target })),
      ...questions.flatMap((row) => back(row, "reject")),
    ];
    return this.#go({ verb: "purge", undo, label: { name } }, all);
  }

  slow(channel, seconds) {
    const room = nameOf("chat", channel);
    const before = this.#desk.channels.get(channel).slow;
    const undo = () => [{ do: "chat.slow", room, seconds: before }];
    return this.#go({ verb: seconds ? "slow" : "unslow", undo, label: { channel, seconds } }, [{ do: "chat.slow", room, seconds }]);
  }

  close(channel, on) {
    const room = nameOf("chat", channel);
    const undo = () => [{ do: "chat.close", room, on: !on }];
    return this.#go({ verb: on ? "close" : "open", undo, label: { channel } }, [{ do: "chat.close", room, on }]);
  }

  // Takes the newest act back that still can be, or the one of this number. Answers it, or null.
  undo(id = 0) {
    const entry = this.#log.undoable(id);
    if (!entry) return null;
    const way = this.#log.wayBack(entry);
    this.#log.undone(entry);
    this.#send(way);
    return entry;
  }

  sent(key, at) {
    this.#desk.sent(key);
    this.#log.sent(key, at);
  }

  refused(key, no) {
    this.#live.remove(key);
    for (const one of this.#log.refused(key)) {
      this.#live.remove(one); // it was to follow what did not come about
      this.#desk.refused(one, no);
    }
    const id = this.#desk.refused(key, no);
    for (const told of this.#told) told(id ?? "", no);
  }

  #go(entry, all) {
    return this.#log.add({ ...entry, writes: this.#send(all) });
  }

  #send(all) {
    const writes = all.map((wish) => ({ ...wish, key: this.#world.key(), when: this.#world.now() }));
    for (const write of writes) this.#desk.does(write);
    for (const write of writes) this.#live.write(write);
    return writes;
  }

  #rooms(...kinds) {
    return kinds.flatMap((kind) => this.#numbers.map((number) => nameOf(kind, number)));
  }
}

// What Live tells of one room, passed on. `drawn()` is called when there is something new to see.
export function ear(room, desk, acting, { drawn, arrived, closed }) {
  return {
    restart: () => desk.restart(room),
    hear(event) {
      desk.hear(room, event);
      arrived(place(room), event);
      drawn();
    },
    caughtUp() {
      desk.caughtUp(room);
      drawn();
    },
    sent(key, at) {
      acting.sent(key, at);
      drawn();
    },
    refused(key, no) {
      acting.refused(key, no);
      drawn();
    },
    hinted(hint) {
      desk.hinted(room, hint);
      drawn();
    },
    held() {},
    postponed() {},
    muted() {},
    closed: (no) => closed(room, no),
  };
}
