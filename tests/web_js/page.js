// A page in a room, as the tests of live.js see it: what the server says to it, and what it is told. It asserts nothing.

import { Live } from "../../web/static/live.js";
import { World } from "./world.js";

export const ROOM = "chat:1";
export const PAGE = { url: "ws://here/ws", pass_url: "/pass", token: "first pass", user: 7 };

export function said(at, more = {}) {
  return { room: ROOM, at, is: "chat.said", user: 9, name: "Boris", badge: "", key: `k${at}`, text: `message ${at}`, when: 0, ...more };
}

export const write = (key) => ({ do: "chat.say", room: ROOM, key, text: `text of ${key}`, when: 0 });

// Someone in a room who writes down what Live tells.
export function listener() {
  const told = [];
  const note = (what) => (...with_) => told.push([what, ...with_]);
  const names = ["restart", "hear", "caughtUp", "sent", "held", "postponed", "refused", "closed", "muted", "hinted"];
  return { told, heard: () => told.filter(([what]) => what === "hear").map(([, event]) => event.at),
    ...Object.fromEntries(names.map((name) => [name, note(name)])) };
}

export function welcome(world, more = {}) {
  world.last.accept();
  world.last.answer("hello", { user: 7, name: "Anna", expires: world.time / 1000 + 600, heartbeat: 10, ...more });
}

export function admit(world, more = {}) {
  world.last.answer("join", { room: ROOM, epoch: "e1", offset: 0, resumed: false, events: [], ...more });
}

// Live in a room; ready to hear and to write.
export function connected(more = {}, world = new World()) {
  const live = new Live(PAGE, world);
  const states = [];
  live.watch((state) => states.push(state));
  const ear = listener();
  live.join(ROOM, ear);
  live.start();
  welcome(world);
  admit(world, more);
  return { world, live, ear, states };
}
