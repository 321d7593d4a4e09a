// The one door to the socket: joins rooms, resumes them, delivers keyed writes once. It never touches the page.
//
// Everything of the outside world (sockets, clock, chance, storage) comes in as `world`, so node can test all of it.

import { Line, PASS_IS_OLD } from "./line.js";
import { Unsent } from "./unsent.js";

const POSTPONE = 2; // seconds before a busy server is asked again
const HELD = 1_000; // events kept while a join is under way; after more than that the gap is joined again

// Refusals that say nothing against what was asked: it goes again by itself.
const TEMPORARY = new Set([
  ...["limit.too_fast", "chat.slow", "server.busy", "server.full", "server.leaving", "hello.first"],
  ...PASS_IS_OLD,
]);

export class Live {
  #world; #line; #unsent;
  #rooms = new Map(); // name -> {listener, epoch, offset, joined, joining, held}
  #writing = null; // key of the write under way
  #pausedUntil = 0; // ms; the server asked for patience

  // `page` is what the page was given: {url, pass_url, token, user}.
  constructor(page, world) {
    this.#world = world;
    this.#unsent = new Unsent(world.keep(`veche:unsent:${page.user}`));
    this.#line = new Line(page, world, {
      up: () => this.#up(),
      down: () => this.#down(),
      event: (event) => this.#event(event),
    });
  }

  // idle | connecting | live | offline | signed-out | closed
  get state() {
    return this.#line.state;
  }

  watch(told) {
    this.#line.watch(told);
  }

  // The moment (ms) by the server's clock, as far as it is known.
  now() {
    return this.#line.now();
  }

  start() {
    this.#line.start();
  }

  // Also what was closed to this person is asked for again: perhaps it is open now.
  wake() {
    this.#line.wake();
    for (const [name, room] of this.#rooms) if (!room.joined) this.#enter(name);
  }

  lost() {
    this.#line.lost();
  }

  // `listener` hears restart() (forget what you show), hear(event), caughtUp(), sent(key, at, {heard, item?}),
  // held(key, at) (a moderator sees it first), postponed(key, no), refused(key, no), closed(no), muted(until) (ms; 0: no
  // longer), hinted(hint) (what is true for now and in no history, {is: "viewers" | "reacted" | "typing" ...}) and, if it
  // wants to, waits(texts, over) (these of one's own does nobody else see yet: {item, key, text, when, at, held, target};
  // `over` names those that wait no more, null: all others) and dropped(texts) (these of one's own did moderators not
  // publish, and no others: {item, key, text, when, target}).
  // Returns what was written in this room before and not yet acknowledged.
  join(room, listener) {
    this.#rooms.set(room, { listener, epoch: null, offset: 0, joined: false, joining: false, held: [] });
    if (this.#line.connected) this.#enter(room);
    return this.#unsent.of(room);
  }

  // Delivers `write` ({do, room, key, when, ...}) once, however many connections that takes.
  write(write) {
    // An offset means nothing in another life of the room.
    const epoch = "target" in write ? this.#rooms.get(write.room).epoch : undefined;
    this.#unsent.add({ ...write, epoch });
    this.#send();
  }

  // Shows something for a moment ({do: "react" | "typing" | "looking", room, ...}): now or not at all.
  gesture(command) {
    if (this.#line.connected && this.#rooms.get(command.room)?.joined) this.#line.ask(command, () => {});
  }

  // Which life of a room one is in, or null before one is.
  life(room) {
    return this.#rooms.get(room)?.epoch ?? null;
  }

  retry(key) {
    this.#unsent.retry(key);
    this.#send();
  }

  remove(key) {
    this.#unsent.remove(key);
  }

  // ---- rooms ----------------------------------------------------------------------------------------------------

  #up() {
    for (const room of this.#rooms.keys()) this.#enter(room);
  }

  #down() {
    this.#writing = null;
    for (const room of this.#rooms.values()) Object.assign(room, { joined: false, joining: false, held: [] });
  }

  #enter(name) {
    const room = this.#rooms.get(name);
    if (!room || room.joining || !this.#line.connected) return;
    Object.assign(room, { joined: false, joining: true, held: [] });
    const after = room.epoch === null ? undefined : { epoch: room.epoch, offset: room.offset };
    this.#line.ask({ do: "join", room: name, after }, (ok, no) => {
      room.joining = false;
      if (ok) this.#entered(room, ok);
      else if (TEMPORARY.has(no.code)) this.#line.turnedAway(no);
      else room.listener.closed(no);
    });
  }

  #entered(room, { room: name, epoch, offset, resumed, events, viewers, waits = [], dropped = [] }) {
    const missed = resumed ? events.filter((event) => event.at > room.offset) : events;
    const held = room.held;
    if (!resumed) room.listener.restart();
    Object.assign(room, { epoch, offset, joined: true, held: [] });
    for (const event of missed) room.listener.hear(event);
    for (const event of held) this.#hear(room, event);
    room.listener.waits?.(waits, null);
    room.listener.dropped?.(dropped);
    room.listener.caughtUp();
    if (viewers !== undefined) room.listener.hinted({ room: name, is: "viewers", count: viewers });
    this.#send();
  }

  // Something in a room has a place; what has none is a word to this page alone, or a hint.
  #event(event) {
    const room = this.#rooms.get(event.room);
    if (!room) return;
    if ("at" in event) this.#hear(room, event);
    else if (event.is === "rejoin") this.#enter(event.room);
    else if (event.is === "closed") this.#shut(room, event);
    else if (event.is === "muted") room.listener.muted(event.until);
    else if (event.is === "waits") room.listener.waits?.(event.texts, event.over);
    else if (event.is === "dropped") room.listener.dropped?.(event.texts);
    else room.listener.hinted(event);
  }

  // The next connection asks again: perhaps it was opened by then.
  #shut(room, { code }) {
    Object.assign(room, { joined: false, held: [] });
    room.listener.closed({ code, text: "" });
  }

  #hear(room, event) {
    if (!room.joined) {
      if (room.held.length < HELD) room.held.push(event);
      return;
    }
    if (event.at <= room.offset) return; // heard before
    if (event.at > room.offset + 1) { // something is missing: the log has it
      this.#enter(event.room);
      room.held.push(event);
      return;
    }
    room.offset = event.at;
    room.listener.hear(event);
  }

  // ---- writes ---------------------------------------------------------------------------------------------------

  // One write at a time: whatever breaks in between, the order stays the one they were written in.
  #send() {
    if (!this.#line.connected || this.#writing || this.#world.now() < this.#pausedUntil) return;
    const write = this.#unsent.next((one) => this.#isReady(one.room));
    if (!write) return;
    const { when, ...command } = write;
    if (write.epoch && write.epoch !== this.#rooms.get(write.room).epoch) {
      this.#unsent.remove(write.key); // what was to be deleted went with that life
      this.#rooms.get(write.room).listener.sent(write.key, 0, { heard: true });
      return this.#send();
    }
    this.#writing = write.key;
    this.#line.ask(command, (ok, no) => {
      this.#writing = null;
      this.#written(write, ok, no);
      this.#send();
    });
  }

  // Who is at a room's desk acts upon what is seen there: the server must know the desk first.
  #isReady(name) {
    const desk = this.#rooms.get(`${name}:desk`);
    return this.#rooms.get(name)?.joined && (!desk || desk.joined);
  }

  #written(write, ok, no) {
    const room = this.#rooms.get(write.room);
    if (ok) {
      this.#unsent.remove(write.key);
      if (ok.held) room.listener.held(write.key, ok.at);
      else room.listener.sent(write.key, ok.at, { heard: ok.at <= room.offset, ...(ok.item && { item: ok.item }) });
    } else if (TEMPORARY.has(no.code)) {
      this.#postpone(write, no);
    } else {
      this.#unsent.refuse(write.key, no);
      room.listener.refused(write.key, no);
    }
  }

  #postpone(write, no) {
    const pause = (no.retry_after ?? POSTPONE) * 1000;
    this.#pausedUntil = this.#world.now() + pause;
    this.#world.later(pause, () => this.#send());
    this.#rooms.get(write.room).listener.postponed(write.key, no);
    if (PASS_IS_OLD.has(no.code)) this.#line.renew();
  }
}
