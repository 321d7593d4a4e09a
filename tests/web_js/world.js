// A world made of glass: the tests move its clock, hold its sockets and read what it was told. It plays no server by itself.

export class World {
  time = 1_790_000_000_000;
  sockets = [];
  asked = []; // addresses fetched
  posted = []; // [address, fields]
  kept = new Map();
  chance = 0.5;
  #timers = [];
  #answers = [];

  socket(url, protocol) {
    const socket = new Socket(url, protocol);
    this.sockets.push(socket);
    return socket;
  }

  fetch(url) {
    this.asked.push(url);
    return this.#answer();
  }

  post(url, fields) {
    this.posted.push([url, fields]);
    return this.#answer();
  }

  #answer() {
    const answer = this.#answers.shift() ?? { status: 200, body: { token: "next pass", expires: this.time / 1000 + 600 } };
    if (answer.status === 0) return Promise.reject(new TypeError("no network"));
    return Promise.resolve({
      ok: answer.status < 400,
      status: answer.status,
      redirected: answer.redirected ?? false,
      json: () => Promise.resolve(answer.body),
      text: () => (answer.cut ? Promise.reject(new TypeError("cut off")) : Promise.resolve(answer.text ?? "")),
    });
  }

  answerNext(...answers) {
    this.#answers.push(...answers);
  }

  now() {
    return this.time;
  }

  random() {
    return this.chance;
  }

  later(delay, act) {
    const timer = { at: this.time + delay, act };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  key() {
    return `key-${(this.keys = (this.keys ?? 0) + 1)}`;
  }

  keep(name) {
    return {
      read: () => JSON.parse(this.kept.get(name) ?? "null"),
      write: (value) => this.kept.set(name, JSON.stringify(value)),
    };
  }

  // Let this many seconds go by, timer by timer.
  async pass(seconds) {
    const until = this.time + seconds * 1000;
    for (;;) {
      await settled();
      const due = this.#timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.time = Math.max(this.time, due.at);
      due.act();
    }
    this.time = until;
    await settled();
  }

  // The machine slept: the clock jumped and no timer ran.
  sleep(seconds) {
    this.time += seconds * 1000;
  }

  get last() {
    return this.sockets.at(-1);
  }
}

class Socket {
  sent = [];
  open = false;
  closed = false;

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
  }

  send(text) {
    if (!this.open) throw new Error("sent into a socket that is not open");
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.open = false;
  }

  // ---- what the tests do as the server

  accept() {
    this.open = true;
    this.onopen({});
  }

  say(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  hangUp(code = 1006) {
    this.open = false;
    this.onclose({ code });
  }

  asked(what) {
    return this.sent.filter((one) => one.do === what);
  }

  answer(what, ok) {
    this.say({ re: this.asked(what).at(-1).id, ok });
  }

  refuse(what, no) {
    this.say({ re: this.asked(what).at(-1).id, no: { text: "", ...no } });
  }
}

// Promises that are due have had their turn.
export async function settled() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
