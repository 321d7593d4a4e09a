// Whether one may write now: slow mode, a mute, a room that is only read. It shows nothing; the page asks it.

// what() is {is: "free"} | {is: "slow", seconds, left} (left: seconds until one's turn, 0: now) | {is: "muted", until}
//   | {is: "closed"} | {is: "shut", why}.
export class Turn {
  #world;
  #free; // whether this person is above the rules: a moderator
  #slow = 0; // seconds between two messages
  #next = 0; // ms; one's turn in slow mode
  #muted = 0; // ms; until when
  #closed = false;
  #shut = ""; // why this person may not even read

  constructor(world, { free }) {
    this.#world = world;
    this.#free = free;
  }

  restart() {
    this.#slow = 0;
    this.#closed = false;
  }

  hear(event) {
    if (event.is === "chat.slowed") this.#slow = event.seconds;
    if (event.is === "chat.closed") this.#closed = event.on;
    if (event.ends?.includes("slow")) this.#slow = 0;
    if (event.ends?.includes("closed")) this.#closed = false;
  }

  // An own message was stored.
  spoke() {
    this.#next = this.#world.now() + this.#slow * 1000;
  }

  // The server said how long it takes until one's turn.
  wait(no) {
    if (no.code === "chat.slow" && no.retry_after) this.#next = this.#world.now() + no.retry_after * 1000;
    if (no.code === "chat.muted" && no.retry_after) this.#muted = this.#world.now() + no.retry_after * 1000;
    if (no.code === "chat.read_only") this.#closed = true;
  }

  // The room is closed to this person, in a sentence that says why; "": it is open again.
  shut(why) {
    this.#shut = why;
  }

  mute(until) {
    this.#muted = until;
  }

  what() {
    const now = this.#world.now();
    if (this.#shut) return { is: "shut", why: this.#shut };
    if (this.#muted > now) return { is: "muted", until: this.#muted };
    if (this.#free) return { is: "free" };
    if (this.#closed) return { is: "closed" };
    if (this.#slow === 0) return { is: "free" };
    return { is: "slow", seconds: this.#slow, left: Math.max(0, Math.ceil((this.#next - now) / 1000)) };
  }
}
