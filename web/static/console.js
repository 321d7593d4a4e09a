// The moderators' page: gives the console its live door. It never speaks on the wire.

import { Announcing } from "./console-announce.js";
import "./console-page.js";
import { opened } from "./live-page.js";

const { page, live, world } = opened();
const desk = document.querySelector("moderation-console");

desk.start(live, page, world);
new Announcing(document.getElementById("announce"), document.querySelector("announcement-bar"), page, world, desk);
live.start();
