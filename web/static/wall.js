// A screen on a wall or in OBS: shows what matters now, day and night. It writes nothing and asks nobody to touch it.

import { Approved, Stage } from "./approved.js";
import { counted, filled } from "./chat-text.js";
import { opened } from "./live-page.js";
import { SITE_KNOWS } from "./reread.js";

const LOOK = 30_000; // ms between looks at the programme: it may be shifted while nobody touches this screen
const SPREAD = 5_000; // ms; all screens of a building hear the same event
const MINUTES = 5_000; // ms between drawings, so that the minutes until the next session are right
const MOVE = 60_000; // ms between small moves, so that no letter burns into the panel
const FAR = 10; // px of such a move
const A_NIGHT = 12 * 3_600_000; // ms after which the page is loaded anew, when nothing is on
const LONG = 60; // characters of a title or a poll, more than fit in three large lines
const SOON = 90; // minutes before a session that are counted
const SMALLER = 0.92; // of the size before, when something is longer than the screen ...
const LEAST = 0.3; // ... down to this part of the usual size
const ANNOUNCED = 0.3; // of the screen is for announcements, unless they are very many

const { page, live } = opened();
const approved = new Approved();
const began = Date.now();
let now = { on: null, next: null, poll: null };
let asking = null; // the timer of the next look
let caughtUp = false; // the room was joined

live.join(page.room, new Stage(approved, {
  questions: draw,
  counts: count,
  poll: () => look(SITE_KNOWS + Math.random() * SPREAD),
  onAir: () => look(SITE_KNOWS + Math.random() * SPREAD),
  caughtUp: () => {
    if (caughtUp) look(SITE_KNOWS + Math.random() * SPREAD); // the line was away, and counts are told to whoever is there
    caughtUp = true;
  },
  closed: () => look(0),
}));
live.watch((state) => (document.documentElement.dataset.state = state));
live.start();
look(0);
document.querySelector("announcement-bar").addEventListener("standing", draw); // it takes of the place
setInterval(draw, MINUTES);
setInterval(move, MOVE);

function look(wait) {
  clearTimeout(asking);
  asking = setTimeout(ask, wait);
}

async function ask() {
  look(LOOK);
  try {
    const answer = await fetch(page.now_url, { cache: "no-store" });
    if (answer.status === 404 || answer.status === 410) return location.reload(); // the page says why
    if (!answer.ok) return;
    now = await answer.json();
    if (Date.now() - began > A_NIGHT && now.on === null) location.reload();
  } catch (wrong) {
    console.warn("The programme could not be fetched, it is tried again:", wrong);
  }
  draw();
}

// What this kind of screen shows at this moment.
function chosen() {
  const question = approved.answering();
  const poll = now.poll && (now.poll.status === "open" || page.kind === "poll") ? now.poll : null;
  const session = now.next || now.on;
  const wanted = {
    qr: [["code", true]],
    poll: [["poll", poll]],
    answering: [["question", question]],
    next: [["session", session]],
    hall: [["poll", poll], ["question", question], ["session", session]],
  }[page.kind];
  return wanted.find(([, there]) => there) ?? ["idle", true];
}

function draw() {
  const [name, shown] = chosen();
  for (const one of document.querySelectorAll("[data-part]")) one.hidden = one.dataset.part !== name;
  document.documentElement.dataset.shows = name;
  const on = document.querySelector("[data-on]");
  on.textContent = now.on?.title ?? "";
  on.parentElement.hidden = now.on === null || name === "session";
  ({ question: drawQuestion, poll: drawPoll, session: drawSession })[name]?.(shown);
  fit(part(name));
}

// What is longer than the screen is written smaller, until all of it is there to be read.
function fit(place) {
  const bar = document.querySelector("announcement-bar");
  shrink(bar, () => bar.offsetHeight > ANNOUNCED * innerHeight);
  const height = place.parentElement.clientHeight - parseFloat(getComputedStyle(place).marginBottom);
  shrink(place, () => place.scrollHeight > height + 1);
}

function shrink(place, isLong) {
  place.style.removeProperty("--size");
  for (let size = SMALLER; size > LEAST && isLong(); size *= SMALLER) place.style.setProperty("--size", size);
}

function drawQuestion(question) {
  const place = part("question");
  put(place, "text", question.text);
  const mark = question.badge ? (page.words[`badge_${question.badge}`] ?? question.badge) : "";
  put(place, "name", [question.name || page.words.anonymous, mark].filter(Boolean).join(" · "));
  place.dataset.long = question.text.length > 400 ? "very" : question.text.length > 160 ? "yes" : "no";
}

// On a screen of what comes next it is the next session that is large, everywhere else what is on.
function drawSession() {
  const place = part("session");
  const large = page.kind === "next" ? (now.next ?? now.on) : (now.on ?? now.next);
  const small = large === now.next ? now.on : now.next;
  const label = (one) => (one === now.on ? page.words.on : page.words.next);
  const minutes = Math.ceil((large.starts_at - Date.now()) / 60_000);
  put(place, "label", label(large));
  put(place, "title", large.title);
  put(place, "speakers", large.speakers);
  put(place, "time", `${large.starts}–${large.ends}`);
  put(place, "soon", minutes > 0 && minutes <= SOON ? filled(page.words.soon, { n: minutes }) : "");
  put(place, "other", small ? `${label(small)} · ${small.starts} · ${small.title}` : "");
  place.dataset.live = large === now.on ? "yes" : "no";
  place.dataset.long = large.title.length > LONG ? "yes" : "no";
}

function drawPoll(poll) {
  const place = part("poll");
  const open = poll.status === "open";
  put(place, "question", poll.question);
  put(place, "state", open ? page.words.open : page.words.closed);
  put(place, "votes", counted(page.words.votes, poll.votes, page.language));
  put(place, "hidden", poll.results ? "" : page.words.hidden);
  place.dataset.live = open ? "yes" : "no";
  place.dataset.long = poll.question.length > LONG ? "yes" : "no";
  const list = place.querySelector("ul");
  const options = String(poll.options.map(({ id }) => id)); // a poll that was mended has others
  if (list.dataset.options !== options) {
    list.dataset.options = options;
    list.replaceChildren(...poll.options.map(option));
  }
  const best = Math.max(...poll.options.map((one) => one.count ?? 0));
  poll.options.forEach((one, index) => {
    const share = poll.results && poll.votes > 0 ? Math.round((100 * one.count) / poll.votes) : 0;
    const row = list.children[index];
    row.querySelector(".wall-bar").style.width = `${share}%`;
    row.querySelector(".wall-share").textContent = poll.results ? `${share} %` : "";
    row.dataset.best = poll.results && best > 0 && one.count === best ? "yes" : "no";
  });
}

function option({ text }) {
  const row = document.getElementById("wall-option").content.firstElementChild.cloneNode(true);
  row.querySelector(".wall-option-text").textContent = text;
  return row;
}

function count(counts) {
  const poll = now.poll;
  if (!poll) return;
  poll.votes = counts[`poll:${poll.id}`] ?? poll.votes;
  for (const one of poll.options) one.count = counts[`poll:${poll.id}:${one.id}`] ?? one.count;
  poll.results = poll.options.every((one) => one.count !== null);
  draw();
}

function move() {
  const place = () => `${Math.round((Math.random() * 2 - 1) * FAR)}px`;
  document.documentElement.style.setProperty("--moved-x", place());
  document.documentElement.style.setProperty("--moved-y", place());
}

function part(name) {
  return document.querySelector(`[data-part=${name}]`);
}

function put(root, name, text) {
  const place = root.querySelector(`[data-text=${name}]`);
  place.textContent = text;
  place.hidden = text === "";
}
