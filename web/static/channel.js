// The channel page: gives the chat its live door, keeps the panels and the session card in step. It never speaks on the wire.

import { Card } from "./card.js";
import { counted } from "./chat-text.js";
import { Live } from "./live.js";
import "./live-chat.js";
import { world } from "./world.js";

const page = JSON.parse(document.getElementById("live").textContent);
const live = new Live(page, world);

addEventListener("online", () => live.wake());
addEventListener("offline", () => live.lost());
addEventListener("pageshow", (event) => event.persisted && live.wake());
document.addEventListener("visibilitychange", () => document.hidden || live.wake());

const chat = document.querySelector("live-chat");
viewers();
chat.start(live, page, world);
live.start();

panels();
keyboard();
video();
new Card(world, { address: location.href, until, show }).watch();

// How many persons are here, wherever the page has a place for it.
function viewers() {
  chat.addEventListener("viewers", ({ detail: count }) => {
    for (const place of document.querySelectorAll(".viewers")) {
      place.textContent = counted(page.words.viewers, count, page.language);
      place.hidden = false;
    }
  });
}

// On a phone one panel is shown at a time; a dot on the chat's button says that somebody wrote meanwhile.
function panels() {
  const hall = document.querySelector(".channel-page");
  const buttons = document.querySelectorAll("[data-panel]");
  document.querySelector(".channels [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      hall.dataset.shown = button.dataset.panel;
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
      delete button.dataset.news;
    });
  }
  chat.addEventListener("news", () => {
    if (hall.dataset.shown !== "chat") document.querySelector("[data-panel=chat]").dataset.news = "yes";
  });
}

// iOS lays its keyboard over the page: what is left above it becomes the page's height.
function keyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const measure = () => document.documentElement.style.setProperty("--seen", `${Math.round(seen.height)}px`);
  seen.addEventListener("resize", measure);
  measure();
}

// A stream this browser cannot play gets a sentence instead of a dead rectangle.
function video() {
  const player = document.querySelector(".stage video");
  const sentence = document.querySelector(".stage-failed");
  player?.querySelector("source")?.addEventListener("error", () => (sentence.hidden = false));
  player?.addEventListener("playing", () => (sentence.hidden = true));
}

// When the card of what is on grows old.
function until() {
  return Date.parse(document.getElementById("now")?.dataset.until ?? "");
}

// Puts what a fetched page says of now into this one.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["now", "stage-words", "channels"]) {
    const next = fresh.getElementById(id);
    if (next) document.getElementById(id)?.replaceWith(next);
  }
}
