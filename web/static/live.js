// The one door to the socket: connects, joins rooms, resumes them and delivers keyed writes. It never touches the page.
//
// Everything of the outside world (sockets, clock, chance, storage) comes in as `world`, so node can test all of it.

import { Unsent } from "./unsent.js";

const PROTOCOL = "veche.1";
const TICK = 2_000; // ms between looks at the clock
const HEARTBEAT = 10; // seconds of silence before a ping, unless the server says otherwise
const ANSWER = 10_000; // ms a question may stay unanswered: with tick and heartbeat a dead socket is found within 24 s
const ANSWER_ON_WAKING = 3_000; // ms; somebody is looking, and a phone's socket seldom survives its sleep
const FIRST_DELAY = 400; // ms before the first attempt to come back; doubles
const LAST_DELAY = 20_000; // ms; longer and people reload by hand
const RENEW_BEFORE = 90; // seconds of a pass's life left when the next one is fetched
const RENEW_PAUSE = 15_000; // ms between attempts to fetch a pass; also guards against a clock that is ahead
const POSTPONE = 2; // seconds before a busy server is asked again
const HELD = 1_000; // events kept while a join is under way; more than that and the room is joined again

// Close codes after which coming back at once would only repeat what was wrong.
const PATIENCE = { 4400: 10_000, 4410: 10_000, 4429: 5_000 };
const CLOSED_PASS = 4401;

const PASS_IS_OLD = new Set(["pass.expired", "pass.forged"]);
// Refusals that say nothing against the message: it stays where it is and goes again by itself.
const TEMPORARY = new Set(["limit.too_fast", "server.busy", "server.leaving", "room.not_joined", "hello.first", ...PASS_IS_OLD]);

export class Live {
  #url; #passUrl; #token; #user; #world; #unsent;
  #state = "idle"; // idle | connecting | live | offline | signed-out | closed
  #watchers = new Set();
  #rooms = new Map(); // name -> {listener, epoch, offset, joined, joining, held}
  #socket = null;
  #asked = new Map(); // id -> {until, settle}
  #lastId = 0;
  #heard = 0; // when anything was last heard, ms
  #heartbeat = HEARTBEAT;
  #expires = Infinity; // of the pass, Unix seconds
  #old = false; // the pass was refused: fetch another before the next hello
  #renewing = false;
  #renewed = 0; // when a pass was last asked for, ms
  #attempt = 0; // failures in a row
  #writing = null; // key of the write under way
  #pausedUntil = 0; // ms; the server asked for patience
  #cancelRetry = null;
  #cancelTick = null;

  // `live` is what the page was given: {url, pass_url, token, user}.
  constructor(live, world) {
    this.#url = live.url;
    this.#passUrl = live.pass_url;
    this.#token = live.token;
    this.#user = live.user;
    this.#world = world;
    this.#unsent = new Unsent(world.keep(`veche:unsent:${live.user}`));
  }

  get state() {
    return this.#state;
  }

  // `told` hears every change of the state, and the present one at once.
  watch(told) {
    this.#watchers.add(told);
    told(this.#state);
  }

  start() {
    if (this.#state !== "idle") return;
    this.#become("connecting");
    this.#tickAgain();
    this.#connect();
  }

  // Back on the network, or the page is looked at again: find out at once how the socket is.
  wake() {
    if (this.#ended()) return;
    if (!this.#socket) this.#retry(0);
    else if (this.#state === "live" && this.#silent()) this.#ping(ANSWER_ON_WAKING);
  }

  // The browser says that the network is gone. The socket would notice half a minute later.
  lost() {
    if (this.#ended()) return;
    this.#drop();
    this.#become("offline");
    this.#retry(this.#delay());
  }

  // `listener` hears restart() (forget what you show), hear(event), caughtUp(), sent(key, at, {heard}),
  // postponed(key, no), refused(key, no), closed(no).
  // Returns what was written in this room before and not yet acknowledged.
  join(room, listener) {
    this.#rooms.set(room, { listener, epoch: null, offset: 0, joined: false, joining: false, held: [] });
    if (this.#state === "live") this.#enter(room);
    return this.#unsent.of(room);
  }

  // Delivers `write` ({do, room, key, when, ...}) once, however many connections that takes.
  write(write) {
    // An offset means nothing in another life of the room.
    const epoch = "target" in write ? this.#rooms.get(write.room).epoch : undefined;
    this.#unsent.add({ ...write, epoch });
    this.#send();
  }

  retry(key) {
    this.#unsent.retry(key);
    this.#send();
  }

  remove(key) {
    this.#unsent.remove(key);
  }

  // ---- connecting -----------------------------------------------------------------------------------------------

  async #connect() {
    if (this.#socket || this.#ended()) return;
    if (this.#old && !(await this.#fetchPass())) {
      if (!this.#ended()) this.#comeBack();
      return;
    }
    if (this.#socket || this.#ended()) return; // the world went on while the pass was on its way
    const socket = this.#world.socket(this.#url, PROTOCOL);
    this.#socket = socket;
    this.#heard = this.#world.now();
    const opening = this.#expect(() => {});
    const ours = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = ours(() => {
      this.#asked.delete(opening);
      this.#hello();
    });
    socket.onmessage = ours((event) => this.#receive(event.data));
    socket.onclose = ours((event) => this.#closed(event.code));
  }

  #hello() {
    this.#ask({ do: "hello", token: this.#token }, (ok, no) => {
      if (ok) this.#welcome(ok);
      else this.#unwelcome(no);
    });
  }

  #welcome(ok) {
    if (ok.user !== this.#user) return this.#end("closed"); // somebody else signed in in another tab
    this.#attempt = 0;
    this.#expires = ok.expires;
    this.#heartbeat = Math.min(ok.heartbeat ?? HEARTBEAT, HEARTBEAT);
    if (this.#state === "live") return; // the next pass on the same socket; the rooms stay
    this.#become("live");
    for (const room of this.#rooms.keys()) this.#enter(room);
  }

  #unwelcome(no) {
    if (PASS_IS_OLD.has(no.code)) this.#old = true;
    this.#comeBack((no.retry_after ?? 0) * 1000);
  }

  #closed(code) {
    if (code === CLOSED_PASS) this.#old = true;
    this.#comeBack(PATIENCE[code]);
  }

  #comeBack(least = 0) {
    this.#drop();
    this.#become(this.#attempt === 0 && this.#state !== "offline" ? "connecting" : "offline");
    this.#retry(Math.max(least, this.#delay()));
    this.#attempt += 1;
  }

  #delay() {
    const full = Math.min(FIRST_DELAY * 2 ** this.#attempt, LAST_DELAY);
    return full * (0.5 + this.#world.random() / 2); // jitter: a thousand pages lost the same server
  }

  #retry(delay) {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#world.later(delay, () => {
      this.#cancelRetry = null;
      this.#connect();
    });
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#asked.clear();
    this.#writing = null;
    for (const room of this.#rooms.values()) Object.assign(room, { joined: false, joining: false, held: [] });
    socket?.close();
  }

  #end(state) {
    this.#drop();
    this.#cancelRetry?.();
    this.#cancelTick?.();
    this.#become(state);
  }

  #ended() {
    return this.#state === "idle" || this.#state === "signed-out" || this.#state === "closed";
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    for (const told of this.#watchers) told(state);
  }

  // ---- the clock ------------------------------------------------------------------------------------------------

  #tickAgain() {
    this.#cancelTick = this.#world.later(TICK, () => {
      this.#tickAgain();
      this.#tick();
    });
  }

  #tick() {
    if (!this.#socket) return;
    const now = this.#world.now();
    if ([...this.#asked.values()].some((one) => one.until <= now)) return this.#comeBack();
    if (this.#state !== "live") return;
    if (this.#silent()) this.#ping(ANSWER);
    if (this.#expires - now / 1000 < RENEW_BEFORE) this.#renew();
    this.#send();
  }

  #silent() {
    return this.#world.now() - this.#heard >= this.#heartbeat * 1000;
  }

  #ping(patience) {
    if (this.#asked.size === 0) this.#ask({ do: "ping" }, () => {}, patience);
  }

  // ---- the pass -------------------------------------------------------------------------------------------------

  async #renew() {
    if (this.#renewing || this.#world.now() - this.#renewed < RENEW_PAUSE) return;
    const socket = this.#socket;
    if ((await this.#fetchPass()) && socket === this.#socket && socket) this.#hello();
  }

  // Whether there is a new pass now. Ends everything when nobody is signed in any more.
  async #fetchPass() {
    if (this.#renewing) return false;
    this.#renewing = true;
    this.#renewed = this.#world.now();
    try {
      const answer = await this.#world.fetch(this.#passUrl);
      if (answer.status === 401) this.#end("signed-out");
      if (answer.status === 403 || answer.status === 404) this.#end("closed");
      if (!answer.ok) return false;
      const { token, expires } = await answer.json();
      this.#token = token;
      this.#expires = expires;
      this.#old = false;
      return true;
    } catch {
      return false; // no network: whoever asked tries again later
    } finally {
      this.#renewing = false;
    }
  }

  // ---- asking and hearing ---------------------------------------------------------------------------------------

  #expect(settle, patience = ANSWER) {
    this.#lastId += 1;
    this.#asked.set(this.#lastId, { until: this.#world.now() + patience, settle });
    return this.#lastId;
  }

  #ask(command, settle, patience) {
    const id = this.#expect(settle, patience);
    this.#socket.send(JSON.stringify({ id, ...command }));
  }

  #receive(text) {
    this.#heard = this.#world.now();
    const heard = JSON.parse(text);
    if (Array.isArray(heard)) for (const event of heard) this.#event(event);
    else if (heard.re !== null) this.#answer(heard);
  }

  #answer({ re, ok, no }) {
    const asked = this.#asked.get(re);
    if (!asked) return;
    this.#asked.delete(re);
    asked.settle(ok, no);
  }

  #event(event) {
    if (event.is === "reconnect") this.#leaveSoon(event.within);
    else if (event.is === "rejoin") this.#enter(event.room);
    else if (this.#rooms.has(event.room)) this.#hear(this.#rooms.get(event.room), event);
  }

  // The server is leaving and asks its clients to go at different moments.
  #leaveSoon(within) {
    const socket = this.#socket;
    this.#world.later(this.#world.random() * within, () => {
      if (socket !== this.#socket) return;
      this.#drop();
      this.#become("connecting");
      this.#retry(0);
    });
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

  // ---- rooms ----------------------------------------------------------------------------------------------------

  #enter(name) {
    const room = this.#rooms.get(name);
    if (!room || room.joining || !this.#socket) return;
    Object.assign(room, { joined: false, joining: true, held: [] });
    const after = room.epoch === null ? undefined : { epoch: room.epoch, offset: room.offset };
    this.#ask({ do: "join", room: name, after }, (ok, no) => {
      room.joining = false;
      if (ok) this.#entered(room, ok);
      else this.#turnedAway(room, no);
    });
  }

  #entered(room, { epoch, offset, resumed, events }) {
    const missed = resumed ? events.filter((event) => event.at > room.offset) : events;
    const held = room.held;
    if (!resumed) room.listener.restart();
    Object.assign(room, { epoch, offset, joined: true, held: [] });
    for (const event of missed) room.listener.hear(event);
    for (const event of held) this.#hear(room, event);
    room.listener.caughtUp();
    this.#send();
  }

  #turnedAway(room, no) {
    if (PASS_IS_OLD.has(no.code)) this.#unwelcome(no);
    else if (TEMPORARY.has(no.code)) this.#comeBack((no.retry_after ?? 0) * 1000);
    else room.listener.closed(no);
  }

  // ---- writes ---------------------------------------------------------------------------------------------------

  // One write at a time: whatever breaks in between, the order stays the one they were written in.
  #send() {
    if (this.#state !== "live" || this.#writing || this.#world.now() < this.#pausedUntil) return;
    const write = this.#unsent.next((one) => this.#rooms.get(one.room)?.joined);
    if (!write) return;
    const { when, epoch, ...command } = write;
    if (epoch && epoch !== this.#rooms.get(write.room).epoch) {
      this.#unsent.remove(write.key); // what was to be deleted went with that life
      return this.#send();
    }
    this.#writing = write.key;
    this.#ask(command, (ok, no) => {
      this.#writing = null;
      this.#written(write, ok, no);
      this.#send();
    });
  }

  #written(write, ok, no) {
    const room = this.#rooms.get(write.room);
    if (ok) {
      this.#unsent.remove(write.key);
      room.listener.sent(write.key, ok.at, { heard: ok.at <= room.offset });
    } else if (TEMPORARY.has(no.code)) {
      this.#postpone(write, no);
    } else if (this.#unsent.has(write.key)) {
      this.#unsent.refuse(write.key, no);
      room.listener.refused(write.key, no);
    }
  }

  #postpone(write, no) {
    const pause = (no.retry_after ?? POSTPONE) * 1000;
    this.#pausedUntil = this.#world.now() + pause;
    this.#world.later(pause, () => this.#send());
    this.#rooms.get(write.room).listener.postponed(write.key, no);
    if (PASS_IS_OLD.has(no.code)) this.#renew();
    if (no.code === "room.not_joined") this.#enter(write.room);
  }
}
