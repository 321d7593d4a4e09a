// A hall with desks and the moderators at them, as the tests of the console see them. It asserts nothing.

import { Acting, ear } from "../../web/static/console-acting.js";
import { after } from "../../web/static/console-acts.js";
import { ANY, columns } from "../../web/static/console-board.js";
import { Desk, nameOf, ROOMS } from "../../web/static/console-desk.js";
import { Log } from "../../web/static/console-log.js";
import { World } from "./world.js";

const MOVES = {
  asked: { approve: "approved", reject: "rejected", merge: "merged", edit: "asked", bind: "asked" },
  rejected: { approve: "approved", recall: "asked" },
  merged: { approve: "approved", recall: "asked" },
};
for (const shown of ["approved", "answering", "answered"]) {
  MOVES[shown] = { reject: "rejected", merge: "merged", recall: "asked", edit: shown, pin: shown, unpin: shown, bind: shown };
}
Object.assign(MOVES.approved, { answering: "answering", answered: "answered" });
Object.assign(MOVES.answering, { approve: "approved", answered: "answered" });
Object.assign(MOVES.answered, { approve: "approved", answered: "answered" });

// The desks of a conference, as realtime/ keeps them; what it tells goes to every moderator when `tell` is called.
export class Hall {
  constructor() {
    this.state = new Map();
    this.tops = new Map();
    this.moderators = [];
    this.told = [];
    this.moved = []; // [item, verb, by] of what came about
  }

  say(room, event) {
    const at = (this.tops.get(room) ?? 0) + 1;
    this.tops.set(room, at);
    const whole = { ...event, room, at };
    this.told.push(whole);
    return whole;
  }

  ask(item, more = {}) {
    const question = { is: "question.at_desk", item, status: "asked", user: 20, name: "Vera", badge: "", anonymous: false, text: `Why ${item}?`,
      when: Number(item) || 0, changed: Number(item) || 0, by: 0, original: "", reason: "", answer: "", into: "", pinned: false, ...more };
    this.state.set(item, this.say("questions:1:desk", question));
  }

  // What the server does with a write; its answer.
  carryOut(user, write) {
    if (write.do !== "question.move") return { ok: { at: this.say(write.room, { is: "done" }).at } };
    const before = this.state.get(write.item);
    const status = MOVES[before.status][write.verb];
    if (!status || (write.seen && write.seen !== before.at)) return { no: { code: "desk.changed", text: "" } };
    const next = { ...after({ ...before, kind: "question" }, write), status, by: user, changed: before.changed + 1 };
    this.moved.push([write.item, write.verb, user]);
    this.state.set(write.item, this.say("questions:1:desk", next));
    return { ok: { at: this.state.get(write.item).at } };
  }

  tell() {
    for (const event of this.told.splice(0)) for (const one of this.moderators) one.hear(event);
  }
}

export class Moderator {
  constructor(hall, user, numbers = [1]) {
    this.world = new World();
    this.queue = [];
    this.desk = new Desk({ user }, numbers, () => this.world.now());
    this.log = new Log(() => this.world.now());
    this.acting = new Acting(this, this.desk, this.log, this.world, numbers);
    this.hall = hall;
    this.user = user;
    this.refusals = [];
    this.acting.watch((id, no) => this.refusals.push([id, no.code]));
    const told = { drawn() {}, arrived() {}, closed() {} };
    this.ears = new Map(numbers.flatMap((number) => ROOMS.map((kind) => nameOf(kind, number))).map((room) => [room, ear(room, this.desk, this.acting, told)]));
    for (const one of this.ears.values()) {
      one.restart();
      one.caughtUp();
    }
    hall.moderators.push(this);
  }

  hear(event) {
    this.ears.get(event.room)?.hear(event);
  }

  // As Live has them.
  write(write) {
    this.queue.push(write);
  }

  remove(key) {
    this.queue = this.queue.filter((write) => write.key !== key);
  }

  // The server answers everything that was sent.
  answered() {
    for (let write = this.queue[0]; write; write = this.queue[0]) {
      this.queue.shift();
      const { ok, no } = this.hall.carryOut(this.user, write);
      if (ok) this.ears.get(write.room).sent(write.key, ok.at);
      else this.ears.get(write.room).refused(write.key, no);
    }
  }

  row(item) {
    return this.desk.row(`q:1:${item}`);
  }

  act(item, verb, fields) {
    return this.acting.act(this.row(item), verb, fields);
  }

  column(name, filter = ANY) {
    return columns(this.desk, filter)[name].map((row) => row.item ?? row.target);
  }
}

// Two moderators at one desk with these questions.
export function opened(...items) {
  const hall = new Hall();
  const anna = new Moderator(hall, 1);
  const boris = new Moderator(hall, 2);
  for (const item of items) hall.ask(item);
  hall.tell();
  return { hall, anna, boris };
}
