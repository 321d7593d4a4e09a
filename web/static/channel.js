// The channel page: gives each part its live door, keeps panels, picture and session card in step. It never speaks on the wire.

import { Broadcast } from "./broadcast.js";
import { Card } from "./card.js";
import { counted } from "./chat-text.js";
import "./live-chat.js";
import { opened } from "./live-page.js";
import { Panels } from "./panels.js";
import "./poll-list.js";
import "./question-list.js";
import { Reactions } from "./reactions.js";

import { Stage } from "./stage.js";
import { Votes } from "./votes.js";

const { page, live, world } = opened();
const hall = document.querySelector(".channel-page");
const chat = document.querySelector("live-chat");
const questions = document.querySelector("question-list");
const polls = document.querySelector("poll-list");

const votes = new Votes(page, world);
const broadcast = new Broadcast(document.querySelector(".stage"), page, world, { live: page.session > 0 });
const card = new Card(world, { address: page.card_url, until, show, has, put });
const panels = new Panels(hall);
const stage = new Stage(questions, polls, { hear: (event) => event.is === "channel.on_air" && onAir(event.session) });

chat.addEventListener("viewers", ({ detail }) => viewers(detail));
for (const [part, name] of [[chat, "chat"], [questions, "questions"], [polls, "polls"]]) {
  part.addEventListener("news", () => panels.news(name));
}
const reactions = new Reactions(hall.querySelector(".reactions"), hall.querySelector(".sky"), world, (emoji) =>
  live.gesture({ do: "react", room: page.room, emoji }),
);
chat.addEventListener("reacted", ({ detail }) => reactions.hear(detail));
document.querySelector("inbox-bell").addEventListener("notified", ({ detail }) => detail.kind.startsWith("question.") && votes.refresh());

chat.start(live, page, world, votes);
questions.start(live, page, world, votes);
polls.start(live, page, world);
questions.restore(live.join(page.stage, stage));
live.start();
card.watch();
keyboard();
over();
hall.querySelector(".channels [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });

// How many persons are here.
function viewers(count) {
  const place = hall.querySelector(".viewers");
  const [short, words] = place.querySelectorAll("span");
  short.textContent = new Intl.NumberFormat(page.language).format(count);
  words.textContent = place.title = counted(page.words.viewers, count, page.language);
  place.hidden = false;
}

// On a phone that lies on its side the chat stands over the picture, if it is wanted.
function over() {
  const button = hall.querySelector(".over-switch");
  button.addEventListener("click", () => {
    const on = hall.dataset.over !== "on";
    hall.dataset.over = on ? "on" : "off";
    button.setAttribute("aria-pressed", String(on));
  });
}

// What is on has changed: the picture, and the card at once if this page has it, are told.
function onAir(session) {
  broadcast.onAir(session > 0);
  if (session !== shown()) card.turn(session);
}

function shown() {
  return Number(document.getElementById("now").dataset.session);
}

// iOS lays its keyboard over the page: what is left above it becomes the page's height.
function keyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const measure = () => document.documentElement.style.setProperty("--seen", `${Math.round(seen.height)}px`);
  seen.addEventListener("resize", measure);
  measure();
}

// When the card of what is on grows old.
function until() {
  return Date.parse(document.getElementById("now")?.dataset.until ?? "");
}

// Whether the page came with the card of a session that was still to come.
function has(session) {
  return document.getElementById(`card-${session}`) !== null;
}

function put(session) {
  const article = document.getElementById(`card-${session}`).content.firstElementChild.cloneNode(true);
  document.querySelector("#now .session-now").replaceWith(article);
  document.getElementById("now").dataset.session = session;
}

// Puts what a fetched card says of now into this page.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["now", "stage-words", "stage-art", "channels"]) {
    const next = fresh.getElementById(id);
    if (next) document.getElementById(id)?.replaceWith(next);
  }
  broadcast.onAir(shown() > 0);
}
