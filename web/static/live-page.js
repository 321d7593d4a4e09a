// What every page with live rooms begins with: the one door to them, the state of the line, announcements, the inbox.

import "./announcement-bar.js";
import "./inbox-bell.js";
import { Live } from "./live.js";
import { world } from "./world.js";

// {page, live, world}: what the page was given (#live), and the door, which opens when the page calls live.start().
export function opened() {
  const page = JSON.parse(document.getElementById("live").textContent);
  const live = new Live(page, world);
  addEventListener("online", () => live.wake());
  addEventListener("offline", () => live.lost());
  addEventListener("pageshow", (event) => event.persisted && live.wake());
  document.addEventListener("visibilitychange", () => document.hidden || live.wake());
  live.watch((state) => say(state, page.words));
  document.querySelector("announcement-bar")?.start(live, page, world);
  document.querySelector("inbox-bell")?.start(live, page, world);
  return { page, live, world };
}

// The line says something when there is something to say.
function say(state, words) {
  const name = state === "idle" ? "connecting" : state;
  for (const place of document.querySelectorAll(".line-state")) {
    place.dataset.state = name;
    place.textContent = words[`state_${name.replace("-", "_")}`];
  }
}
