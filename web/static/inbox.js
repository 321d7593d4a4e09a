// What came into one's inbox from the conference: the notices, and how many of them are new. It never touches the page.

export const SHOWN = 30; // notices; who wants older ones opens the page of all messages
const THREAD = "notices";

export class Inbox {
  #notices = []; // the newest first: {at, kind, text, link, when}
  #read = 0; // offset up to which they were read
  unread = 0;

  restart() {
    this.#notices = [];
    this.unread = 0;
  }

  // Whether it concerns the notices.
  hear(event) {
    if (event.thread !== THREAD) return false;
    if (event.is === "notified") {
      const { at, kind, text, link, when } = event;
      this.#notices = [{ at, kind, text, link, when }, ...this.#notices].slice(0, SHOWN);
    } else if (event.is === "inbox.was_read") {
      this.#read = Math.max(this.#read, event.upto);
    } else {
      return false;
    }
    this.unread = event.unread ?? this.unread;
    return true;
  }

  // {at, kind, text, link, when, isNew} from the newest on.
  get notices() {
    return this.#notices.map((one, place) => ({ ...one, isNew: one.at > this.#read && place < this.unread }));
  }

  // What is to be said when they are looked at: {thread, upto}; null when everything was read.
  get toRead() {
    return this.unread > 0 && this.#notices.length > 0 ? { thread: THREAD, upto: this.#notices[0].at } : null;
  }
}
