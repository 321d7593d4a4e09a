// The speaker's view: questions live, one thumb, a timer, a screen that stays awake. It works without this file, slower.

import { Approved, Stage } from "./approved.js";
import { filled } from "./chat-text.js";
import { KeptRows } from "./kept-rows.js";
import { opened } from "./live-page.js";
import { Reread } from "./reread.js";

const HURRY = 5 * 60; // seconds before the end

const { page, live, world } = opened();
const approved = new Approved(page);
const times = new Reread(world, 0, fetchTimes); // a session has few speakers
const moving = new Map(); // item -> the status it is on its way to
const rows = new KeptRows(document.querySelector(".speak-list"), make, fill);
let caughtUp = false;
let ends = page.ends;

live.watch((state) => (document.querySelector(".speak").dataset.state = state));
live.join(page.room, new Stage(approved, {
  questions: draw,
  counts: draw,
  caughtUp: () => {
    if (caughtUp) times.soon(); // the line was away, and counts are told to whoever is there
    caughtUp = true;
    draw();
  },
  onAir: () => times.soon(),
}));
live.start();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) stayAwake();
});
stayAwake();
tick();
setInterval(tick, 1_000);
setInterval(fetchTimes, 60_000); // the session may be shifted while it goes on

// The lock is let go whenever the page is hidden; not every browser has it, and a battery saver may refuse it.
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch (no) {
    console.warn("The screen may fall asleep:", no);
  }
}

function draw() {
  if (!caughtUp) return;
  const shown = approved.list();
  for (const one of shown) if (moving.get(one.item) === one.status) moving.delete(one.item);
  rows.draw(shown);
  document.querySelector(".speak .empty").hidden = shown.length > 0;
}

function make(item) {
  const one = document.getElementById("speak-question").content.firstElementChild.cloneNode(true);
  one.dataset.item = item;
  for (const button of one.querySelectorAll("button")) {
    button.addEventListener("click", () => step(approved.list().find((question) => question.item === item), button.value));
  }
  return one;
}

function fill(one, question) {
  const status = moving.get(question.item) ?? question.status;
  one.dataset.status = status;
  one.querySelector(".asked-text").textContent = question.text;
  one.querySelector(".asked-name").textContent = question.name || page.words.anonymous;
  one.querySelector(".badge").textContent = page.words[`badge_${question.badge}`] ?? question.badge;
  one.querySelector(".badge").hidden = !question.badge;
  one.querySelector(".speak-votes").textContent = approved.votes(question.item) || "";
  one.querySelector(".speak-votes").hidden = approved.votes(question.item) === 0;
  for (const button of one.querySelectorAll("button")) {
    button.hidden = button.dataset.when !== status;
    button.disabled = moving.has(question.item);
  }
}

// Whoever takes the next question has answered the one before it.
async function step(question, verb) {
  const before = verb === "answering" ? approved.answering() : null;
  if (before && before.item !== question.item && before.session === question.session) await send(before, "answered");
  await send(question, verb);
}

async function send(question, verb) {
  moving.set(question.item, verb === "approve" ? "approved" : verb);
  draw();
  const fields = new URLSearchParams({ csrf: page.csrf, session: page.session, item: question.item, verb, key: world.key() });
  const answer = await fetch(`${page.move}.json`, { method: "POST", body: fields }).catch(() => null);
  if (answer?.ok) return say("");
  moving.delete(question.item);
  draw();
  say(answer ? (await answer.json()).text : page.words.not_sent);
}

function tick() {
  const timer = document.querySelector(".speak-timer");
  const left = Math.round((ends - Date.now()) / 1000);
  const before = Math.round((page.starts - Date.now()) / 1000);
  timer.dataset.left = before > 0 ? "before" : left < 0 ? "over" : left < HURRY ? "hurry" : "time";
  timer.textContent = before > 0 ? filled(page.words.begins, { time: clock(before) }) : (left < 0 ? "+" : "") + clock(Math.abs(left));
}

function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

async function fetchTimes() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = fresh.getElementById("live");
  if (!next) return true; // the session is no more
  const { starts, ends: over, votes } = JSON.parse(next.textContent);
  [page.starts, ends] = [starts, over];
  approved.recount(votes);
  draw();
  document.querySelector(".speak-session").replaceWith(fresh.querySelector(".speak-session"));
  return true;
}

function say(sentence) {
  document.querySelector(".speak-said").textContent = sentence;
}
