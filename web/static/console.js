// The moderators' page: gives the console its live door. It never speaks on the wire.

import { Live } from "./live.js";
import "./console-page.js";
import { world } from "./world.js";

const page = JSON.parse(document.getElementById("live").textContent);
const live = new Live(page, world);

addEventListener("online", () => live.wake());
addEventListener("offline", () => live.lost());
addEventListener("pageshow", (event) => event.persisted && live.wake());
document.addEventListener("visibilitychange", () => document.hidden || live.wake());

document.querySelector("moderation-console").start(live, page, world);
live.start();
