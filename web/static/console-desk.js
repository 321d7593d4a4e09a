// Everything the moderators' rooms of a conference say, with one's own acts laid over it before they are answered. It touches no page.

import { after, fulfilled } from "./console-acts.js";

const MESSAGES = 400; // of a channel; older ones are in the log
const LOOKS = 15_000; // ms after which somebody who said nothing more looks elsewhere
const RECENT = 120_000; // ms; what came within them makes a channel hot

export const ROOMS = ["chat", "chat:desk", "questions", "questions:desk"]; // of each channel

// "questions:7:desk" -> {kind: "questions:desk", channel: 7}
export function place(room) {
  const [kind, channel, desk] = room.split(":");
  return { kind: desk ? `${kind}:desk` : kind, channel: Number(channel) };
}

export const nameOf = (kind, channel) => kind.replace(/^(\w+)/, `$1:${channel}`);

export class Desk {
  #me; #now;
  // A question's `since` is where somebody else changed it last, or it came.
  #rows = { question: new Map(), held: new Map(), report: new Map(), message: new Map() };
  #pending = new Map(); // key -> a write under way
  #votes = new Map(); // "channel:item" -> count
  #lookers = new Map(); // user -> {id, name, until}
  #notes = new Map(); // row id -> {code, by, status}: why an act on it did not come about
  channels; // by number: {pin, slow, closed, muted: Map, banned: Set, arrivals, unread, caughtUp: Set}

  // `me` is {user}, `numbers` the channels', `now` a clock in ms, `votes` what there were: {"channel:item": count}.
  constructor(me, numbers, now, votes = {}) {
    this.#me = me;
    this.#now = now;
    for (const [name, count] of Object.entries(votes)) this.#votes.set(name, count);
    const fresh = () => ({ pin: 0, slow: 0, closed: false, muted: new Map(), banned: new Set(), arrivals: [], unread: 0, caughtUp: new Set() });
    this.channels = new Map(numbers.map((number) => [number, fresh()]));
  }

  // ---- what the server says -------------------------------------------------------------------------------------

  restart(room) {
    const { kind, channel } = place(room);
    const here = this.channels.get(channel);
    const forget = (of) => this.#drop(of, (row) => row.channel === channel);
    here.caughtUp.delete(kind);
    if (kind === "chat") {
      forget("message");
      Object.assign(here, { pin: 0, slow: 0, closed: false });
    } else if (kind === "chat:desk") {
      forget("held");
      forget("report");
      here.muted.clear();
      here.banned.clear();
    } else if (kind === "questions:desk") forget("question");
  }

  caughtUp(room) {
    const { kind, channel } = place(room);
    this.channels.get(channel).caughtUp.add(kind);
    for (const [key, write] of this.#pending) if (write.stored && place(write.room).channel === channel) this.#pending.delete(key);
  }

  get isCaughtUp() {
    return [...this.channels.values()].every((one) => ROOMS.every((kind) => one.caughtUp.has(kind)));
  }

  hear(room, event) {
    const { kind, channel } = place(room);
    if (kind === "questions:desk") this.#hearQuestion(channel, event);
    else if (kind === "chat:desk") this.#hearDesk(channel, event);
    else if (kind === "chat") this.#hearChat(channel, event);
  }

  hinted(room, hint) {
    const { channel } = place(room);
    if (hint.is === "tally") {
      for (const [item, count] of Object.entries(hint.counts)) this.#votes.set(`${channel}:${item}`, count);
    } else if (hint.is === "looking") {
      for (const { user, name, item } of hint.who) this.#looks(channel, user, name, item);
    }
  }

  #hearQuestion(channel, event) {
    const id = `q:${channel}:${event.item}`;
    if (event.is === "question.at_desk") {
      const before = this.#rows.question.get(id);
      const since = before && event.by === this.#me.user ? before.since : event.at;
      const row = { ...event, id, kind: "question", channel, room: `questions:${channel}`, session: event.session ?? 0, since };
      if (event.status === "asked" && !this.#rows.question.has(id)) this.#arrived(channel, 1);
      this.#rows.question.set(id, row);
      for (const [key, write] of this.#pending) {
        if (write.item === event.item && event.by === this.#me.user && fulfilled(row, write)) this.#pending.delete(key);
      }
    } else if (event.is === "question.left") {
      this.#rows.question.delete(id);
    } else if (event.is === "chat.purged") {
      this.#settle((write) => write.do === "chat.purge" && write.user === event.user && write.room === `questions:${channel}`);
    } else this.#hearSilence(channel, event);
    this.#endings(channel, "question", event);
  }

  #hearDesk(channel, event) {
    const room = `chat:${channel}`;
    if (event.is === "chat.held") {
      this.#rows.held.set(`h:${channel}:${event.item}`, { ...event, id: `h:${channel}:${event.item}`, kind: "held", channel, room });
      this.#arrived(channel, 1);
    } else if (event.is === "chat.reported") {
      const { target, item, user, reason, said, when } = event;
      const row = { ...said, id: `r:${channel}:${item}`, kind: "report", channel, room, item, target, reason, reporter: user, when };
      this.#rows.report.set(row.id, row);
      this.#arrived(channel, 3); // somebody was hurt enough to say so
    } else if (event.is === "chat.settled" || event.is === "chat.withdrawn") this.#leave(`h:${channel}:${event.item}`);
    else if (event.is === "chat.dismissed") this.#leave(`r:${channel}:${event.item}`);
    else this.#hearSilence(channel, event);
  }

  #hearSilence(channel, event) {
    const here = this.channels.get(channel);
    if (event.is === "chat.muted") {
      if (event.until) here.muted.set(event.user, event.until);
      else here.muted.delete(event.user);
      this.#settle((write) => write.do === "chat.mute" && write.user === event.user && place(write.room).channel === channel);
    } else if (event.is === "chat.banned") {
      if (event.on) here.banned.add(event.user);
      else here.banned.delete(event.user);
      this.#settle((write) => write.do === "chat.ban" && write.user === event.user && place(write.room).channel === channel);
    }
  }

  #hearChat(channel, event) {
    const here = this.channels.get(channel);
    const messages = this.#rows.message;
    const one = (at) => messages.get(`m:${channel}:${at}`);
    if (event.is === "chat.said") this.#said(channel, event.at, event);
    else if (event.is === "chat.restored") {
      messages.delete(`m:${channel}:${event.target}`);
      this.#said(channel, event.at, event.said);
    } else if (event.is === "chat.edited") {
      if (!one(event.target)) this.#said(channel, event.target, event.said);
      messages.set(`m:${channel}:${event.target}`, { ...one(event.target), text: event.said.text, edited: true });
    } else if (event.is === "chat.retracted") {
      this.#deleted((row) => row.target === event.target && row.channel === channel);
      this.#settle((write) => write.do === "chat.retract" && write.room === `chat:${channel}` && write.target === event.target);
    } else if (event.is === "chat.purged") {
      this.#deleted((row) => row.user === event.user && row.channel === channel && row.target < event.at);
    } else if (event.is === "chat.pinned") here.pin = event.target;
    else if (event.is === "chat.unpinned") here.pin = 0;
    else if (event.is === "chat.slowed") here.slow = event.seconds;
    else if (event.is === "chat.closed") here.closed = event.on;
    if (event.ends?.includes("pin")) here.pin = 0;
    const own = ["chat.pinned", "chat.unpinned", "chat.slowed", "chat.closed", "chat.purged", "chat.restored"];
    if (own.includes(event.is)) this.#settle((write) => write.room === `chat:${channel}` && past(write.do) === event.is);
  }

  #said(channel, at, { user, name, badge, text, when }) {
    const id = `m:${channel}:${at}`;
    const here = this.channels.get(channel);
    this.#rows.message.set(id, { id, kind: "message", channel, room: `chat:${channel}`, target: at, user, name, badge, text, when });
    if (here.caughtUp.has("chat") && user !== this.#me.user) here.unread += 1;
    const mine = [...this.#rows.message.values()].filter((row) => row.channel === channel);
    if (mine.length > MESSAGES + 50) for (const row of mine.sort((a, b) => a.target - b.target).slice(0, mine.length - MESSAGES)) this.#rows.message.delete(row.id);
  }

  // A text that was deleted is nowhere any more; only that it was there, so that a moderator can bring it back.
  #deleted(gone) {
    for (const [id, row] of this.#rows.message) {
      if (gone(row)) this.#rows.message.set(id, { ...row, text: "", deleted: true });
    }
    this.#drop("report", gone);
  }

  #endings(channel, kind, event) {
    for (const part of event.ends ?? []) if (part.startsWith("q:")) this.#rows[kind].delete(`${part[0]}:${channel}:${part.slice(2)}`);
  }

  #leave(id) {
    const kind = { h: "held", r: "report" }[id[0]];
    const row = this.#rows[kind].get(id);
    this.#rows[kind].delete(id);
    if (row) this.#settle((write) => write.item === row.item);
  }

  #drop(kind, gone) {
    for (const [id, row] of this.#rows[kind]) if (gone(row)) this.#rows[kind].delete(id);
  }

  #settle(done) {
    for (const [key, write] of this.#pending) if (done(write)) this.#pending.delete(key);
  }

  #arrived(channel, weight) {
    const here = this.channels.get(channel);
    if (!here.caughtUp.has("questions:desk") || !here.caughtUp.has("chat:desk")) return;
    here.unread += 1;
    here.arrivals.push({ at: this.#now(), weight });
  }

  // ---- one's own acts -------------------------------------------------------------------------------------------

  does(write) {
    this.#pending.set(write.key, write);
    this.#notes.delete(this.rowOf(write));
  }

  sent(key) {
    const write = this.#pending.get(key);
    if (!write) return;
    const row = this.#rows.question.get(this.rowOf(write));
    if (row && fulfilled(row, write)) this.#pending.delete(key);
    else this.#pending.set(key, { ...write, stored: true });
  }

  // The row is what it was, or what somebody else made of it meanwhile; it says why.
  refused(key, no) {
    const write = this.#pending.get(key);
    this.#pending.delete(key);
    if (!write) return null;
    const id = this.rowOf(write);
    const row = this.#rows.question.get(id);
    const quicker = no.code === "desk.changed" && row && row.by && row.by !== this.#me.user;
    this.#notes.set(id, { code: no.code, by: quicker ? row.by : 0, status: quicker ? row.status : "" });
    return id;
  }

  // Where a row stands that was seen like this: whoever changed it oneself since then knows what it is.
  placeOf(row) {
    const now = this.#rows.question.get(row.id);
    return now && row.at >= now.since ? now.at : row.at;
  }

  isUnderWay(id) {
    return this.#pendingOf(id).length > 0;
  }

  // The row that a write is about.
  rowOf(write) {
    const { channel } = place(write.room);
    if (write.do === "question.move") return `q:${channel}:${write.item}`;
    if (write.do === "chat.settle") return `h:${channel}:${write.item}`;
    if (write.do === "chat.dismiss") return `r:${channel}:${write.item}`;
    return write.target ? `m:${channel}:${write.target}` : "";
  }

  // ---- what is to be seen ---------------------------------------------------------------------------------------

  // Rows of a kind as they are with one's own acts; what leaves by them is left out.
  rows(kind) {
    const touched = new Map();
    const writes = [...this.#pending.values()];
    for (const write of writes) {
      const id = this.rowOf(write);
      touched.set(id, [...(touched.get(id) ?? []), write]);
    }
    const purges = writes.filter((write) => write.do === "chat.purge");
    const retracted = writes.filter((write) => write.do === "chat.retract");
    const found = [];
    for (const row of this.#rows[kind].values()) {
      let now = kind === "message" && this.channels.get(row.channel).pin === row.target ? { ...row, pinned: true } : row;
      for (const write of touched.get(row.id) ?? []) now = after(now, write);
      for (const write of purges) if (write.room === row.room && write.user === row.user) now = after(now, write);
      if (kind === "report" && retracted.some((write) => write.room === row.room && write.target === row.target)) now = { ...now, gone: true };
      if (!now.gone) found.push(now);
    }
    return found;
  }

  row(id) {
    const kind = { q: "question", h: "held", r: "report", m: "message" }[id[0]];
    const row = kind && this.#rows[kind].get(id);
    if (!row) return null;
    return this.#pendingOf(id).reduce(after, kind === "message" && this.channels.get(row.channel).pin === row.target ? { ...row, pinned: true } : row);
  }

  votes(row) {
    return row.kind === "question" ? (this.#votes.get(`${row.channel}:${row.item}`) ?? 0) : 0;
  }

  note(id) {
    return this.#notes.get(id) ?? null;
  }

  lookers(id) {
    return [...this.#lookers.values()].filter((one) => one.id === id && one.until > this.#now()).map(({ name }) => name);
  }

  // Until when a person is silent somewhere in the conference (ms; 0: is not), and whether they are put out.
  silence(user) {
    const now = this.#now();
    const untils = [...this.channels.values()].map((one) => one.muted.get(user) ?? 0).filter((until) => until > now);
    let until = Math.max(0, ...untils);
    let banned = [...this.channels.values()].some((one) => one.banned.has(user));
    for (const write of this.#pending.values()) {
      if (write.user !== user) continue;
      if (write.do === "chat.mute") until = write.seconds && (write.when ?? now) + write.seconds * 1000;
      if (write.do === "chat.ban") banned = write.on;
    }
    return { until, banned };
  }

  // How much happens in a channel: what came lately, then what waits.
  heat(channel) {
    const here = this.channels.get(channel);
    const since = this.#now() - RECENT;
    here.arrivals = here.arrivals.filter(({ at }) => at > since);
    return here.arrivals.reduce((sum, { weight }) => sum + weight, 0);
  }

  #pendingOf(id) {
    return [...this.#pending.values()].filter((write) => this.rowOf(write) === id);
  }

  #named(channel, item) {
    for (const [letter, kind] of [["q", "question"], ["h", "held"], ["r", "report"]]) {
      if (this.#rows[kind].has(`${letter}:${channel}:${item}`)) return `${letter}:${channel}:${item}`;
    }
    return "";
  }

  // A person looks at one row, wherever it is; who looks away in one channel may look at something in another.
  #looks(channel, user, name, item) {
    if (user === this.#me.user) return;
    const id = item && this.#named(channel, item);
    if (id) this.#lookers.set(user, { id, name, channel, until: this.#now() + LOOKS });
    else if (this.#lookers.get(user)?.channel === channel) this.#lookers.delete(user);
  }
}

// The event that a write becomes.
function past(wish) {
  return { "chat.pin": "chat.pinned", "chat.unpin": "chat.unpinned", "chat.slow": "chat.slowed", "chat.close": "chat.closed",
    "chat.purge": "chat.purged", "chat.restore": "chat.restored" }[wish];
}
