// Keeps one socket alive: hello, heartbeat, back-off, the next pass. It knows no room and keeps nothing that was said.

const PROTOCOL = "veche.1";
const TICK = 2_000; // ms between looks at the clock
const HEARTBEAT = 10; // seconds of silence before a ping, unless the server says otherwise
const ANSWER = 10_000; // ms a question may stay unanswered: with tick and heartbeat a dead socket is found within 24 s
const ANSWER_ON_WAKING = 3_000; // ms; somebody is looking, and a phone's socket seldom survives its sleep
const FIRST_DELAY = 400; // ms before the first attempt to come back; doubles
const LAST_DELAY = 20_000; // ms; longer and people reload by hand
const RENEW_BEFORE = 90; // seconds of a pass's life left when the next one is fetched
const RENEW_PAUSE = 15_000; // ms between attempts to fetch a pass

// Close codes after which coming back at once would only repeat what was wrong.
const PATIENCE = { 4400: 10_000, 4429: 5_000 };
const CLOSED_PASS = 4401;

const NEVER_AGAIN = new Set([403, 404, 410]); // where the next pass was: this page may not come in any more

export const PASS_IS_OLD = new Set(["pass.expired", "pass.forged", "pass.revoked"]);

export class Line {
  #url; #passUrl; #token; #user; #world; #ear;
  #state = "idle"; // idle | connecting | live | offline | signed-out | closed
  #watchers = new Set();
  #socket = null;
  #asked = new Map(); // id -> {until, settle}
  #lastId = 0;
  #heard = 0; // when anything was last heard, ms
  #heartbeat = HEARTBEAT;
  #expires = Infinity; // of the pass, Unix seconds
  #ahead = 0; // ms by which the clock of this machine is ahead of the server's
  #old = false; // the pass was refused: fetch another before the next hello
  #fetching = false;
  #fetched = 0; // when a pass was last asked for, ms
  #attempt = 0; // failures in a row
  #cancelRetry = null;
  #cancelTick = null;
  #leaving = null; // when to go to another server, ms; this one asked for it

  // `page` is what the page was given: {url, pass_url, token, user}.
  // `ear` hears up() (the server said welcome), down() (what was asked gets no answer) and event(event).
  constructor(page, world, ear) {
    this.#url = page.url;
    this.#passUrl = page.pass_url;
    this.#token = page.token;
    this.#user = page.user;
    this.#world = world;
    this.#ear = ear;
  }

  get state() {
    return this.#state;
  }

  get connected() {
    return this.#socket !== null && this.#state === "live";
  }

  // The moment (ms) by the server's clock: what it says stands until then stands so on machines whose clock is wrong, too.
  now() {
    return this.#world.now() - this.#ahead;
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

  // Sends a command; `settle(ok, no)` hears its answer, unless the socket is lost before.
  ask(command, settle, patience = ANSWER) {
    const id = this.#expect(settle, patience);
    this.#socket.send(JSON.stringify({ id, ...command }));
  }

  // The server refused the line itself: come back, with another pass if that was the reason.
  turnedAway(no) {
    if (PASS_IS_OLD.has(no.code)) this.#old = true;
    this.#comeBack((no.retry_after ?? 0) * 1000);
  }

  // Fetch the next pass and hand it in on this socket.
  async renew() {
    if (this.#fetching || this.#world.now() - this.#fetched < RENEW_PAUSE) return;
    const socket = this.#socket;
    if ((await this.#fetchPass()) && socket === this.#socket && socket) this.#hello();
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
    const opening = this.#expect(() => {}, ANSWER);
    const ours = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = ours(() => {
      this.#asked.delete(opening);
      this.#hello();
    });
    socket.onmessage = ours((event) => this.#receive(event.data));
    socket.onclose = ours((event) => this.#closed(event.code));
  }

  #hello() {
    this.ask({ do: "hello", token: this.#token }, (ok, no) => (ok ? this.#welcome(ok) : this.turnedAway(no)));
  }

  #welcome(ok) {
    if (ok.user !== this.#user) return this.#end("closed"); // somebody else signed in in another tab
    this.#attempt = 0;
    this.#expires = ok.expires;
    this.#ahead = ok.now ? this.#world.now() - ok.now : 0; // a server of before does not say
    this.#heartbeat = Math.min(ok.heartbeat ?? HEARTBEAT, HEARTBEAT);
    if (this.#state === "live") return; // the next pass on the same socket; the rooms stay
    this.#become("live");
    this.#ear.up();
  }

  #closed(code) {
    if (code === CLOSED_PASS) this.#old = true;
    if (this.#leaving === null) this.#comeBack(PATIENCE[code]);
    else this.#moveOn(Math.max(0, this.#leaving - this.#world.now())); // it did not wait for us
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
    this.#leaving = null;
    this.#asked.clear();
    this.#ear.down();
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

  // ---- hearing --------------------------------------------------------------------------------------------------

  #expect(settle, patience) {
    this.#lastId += 1;
    this.#asked.set(this.#lastId, { until: this.#world.now() + patience, settle });
    return this.#lastId;
  }

  #receive(text) {
    this.#heard = this.#world.now();
    const heard = JSON.parse(text);
    if (!Array.isArray(heard)) this.#answered(heard);
    else for (const event of heard) event.is === "reconnect" ? this.#leaveSoon(event.within) : this.#ear.event(event);
  }

  #answered({ re, ok, no }) {
    const asked = this.#asked.get(re);
    this.#asked.delete(re);
    asked?.settle(ok, no);
  }

  // The server is leaving and asks its clients to go at different moments.
  #leaveSoon(within) {
    const socket = this.#socket;
    const delay = this.#world.random() * within;
    this.#leaving = this.#world.now() + delay;
    this.#world.later(delay, () => socket === this.#socket && this.#moveOn(0));
  }

  // Nothing is wrong: no back-off.
  #moveOn(delay) {
    this.#drop();
    this.#become("connecting");
    this.#retry(delay);
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
    if (this.#expires - this.now() / 1000 < RENEW_BEFORE) this.renew();
  }

  #silent() {
    return this.#world.now() - this.#heard >= this.#heartbeat * 1000;
  }

  #ping(patience) {
    if (this.#asked.size === 0) this.ask({ do: "ping" }, () => {}, patience);
  }

  // Whether there is a new pass now. Ends everything when nobody is signed in any more.
  async #fetchPass() {
    if (this.#fetching) return false;
    this.#fetching = true;
    this.#fetched = this.#world.now();
    try {
      const answer = await this.#world.fetch(this.#passUrl);
      if (answer.status === 401) this.#end("signed-out");
      if (NEVER_AGAIN.has(answer.status)) this.#end("closed");
      if (!answer.ok) return false;
      const { token, expires } = await answer.json();
      this.#token = token;
      this.#expires = expires;
      this.#old = false;
      return true;
    } catch {
      return false; // no network, or no JSON: whoever asked tries again later
    } finally {
      this.#fetching = false;
    }
  }
}
