// The chat in a window of its own: the same chat, and the state of the line. It never speaks on the wire.

import "./live-chat.js";
import { opened } from "./live-page.js";
import { Votes } from "./votes.js";

const { page, live, world } = opened();
document.querySelector("live-chat").start(live, page, world, new Votes(page, world));
live.start();
