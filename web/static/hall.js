// The page of the hall on a phone: sends its forms without losing the place, shows what changes. It works without this file.

import { Approved, Stage } from "./approved.js";
import { opened } from "./live-page.js";
import { Reread, Standing } from "./reread.js";

const SPREAD = 6_000; // ms over which all phones of a hall fetch what an event told them of

const { page, live, world } = opened();
const approved = new Approved(page);
const mine = new Set(page.mine);
const list = document.querySelector("#questions .hall-questions");
const standing = new Standing();
const reread = new Reread(world, SPREAD, fetchAnew);
let onAir = page.session;
let drawing = false;
let caughtUp = false;

live.join(page.room, new Stage(approved, {
  questions: () => ((caughtUp = true), draw()),
  counts: draw,
  poll: (event) => (standing.hear(event), reread.soon(differs)),
  onAir: ({ session }) => ((onAir = session), reread.soon(differs)),
}));
live.start();

// One press on an answer of a poll votes.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-quiet]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.busy) return; // pressed twice
  form.dataset.busy = "yes";
  const fields = new FormData(form, event.submitter);
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    show(await answer.text(), answer.ok ? form : null);
  } catch (wrong) {
    console.warn("The form could not be sent:", wrong);
    say(page.words.not_sent);
  } finally {
    delete form.dataset.busy;
  }
});

// Whether the room told of something that this page does not show.
function differs() {
  return onAir !== page.session || standing.differs((poll) => document.getElementById(`poll-${poll}`)?.dataset.status);
}

async function fetchAnew() {
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    if (answer.ok) show(await answer.text(), null);
    return answer.ok;
  } catch (wrong) {
    console.warn("The page could not be fetched, it is tried again:", wrong);
    return false;
  }
}

// Puts what a fetched page says into this one; what is being written stays. `sent`: the form that was accepted.
function show(html, sent) {
  const no = refusal(html);
  if (no) return say(no);
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const poll = document.getElementById("poll");
  const choosing = !sent && poll.contains(document.activeElement); // several options, and not sent yet
  if (!choosing) poll.replaceWith(fresh.getElementById("poll"));
  document.getElementById("session").replaceWith(fresh.getElementById("session"));
  turn(JSON.parse(fresh.getElementById("live").textContent).session);
  say("");
  if (!sent) return;
  if (sent.classList.contains("hall-ask")) {
    document.getElementById("asked").replaceWith(fresh.getElementById("asked"));
    sent.reset();
    sent.querySelector("[name=key]").value = fresh.querySelector(".hall-ask [name=key]").value;
    document.getElementById("asked").focus();
  }
}

// Another session is on: its questions are those of the list.
function turn(session) {
  if (session === page.session) return;
  page.session = session;
  approved.turn(session);
  draw();
}

function draw() {
  if (drawing || !caughtUp) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    list.replaceChildren(...approved.list().map(row));
    document.querySelector("#questions .empty").hidden = list.children.length > 0;
  });
}

function row(question) {
  const one = document.getElementById("hall-question").content.firstElementChild.cloneNode(true);
  one.id = `q-${question.item}`;
  one.dataset.status = question.status;
  one.querySelector(".asked-text").textContent = question.text;
  one.querySelector(".asked-name").textContent = question.name || page.words.anonymous;
  one.querySelector(".badge").textContent = page.words[`badge_${question.badge}`] ?? question.badge;
  one.querySelector(".badge").hidden = !question.badge;
  one.querySelector(".asked-answer").textContent = question.answer;
  one.querySelector(".asked-answer").hidden = !question.answer;
  const status = one.querySelector(".asked-status");
  status.textContent = page.words[question.status] ?? "";
  status.hidden = question.status === "approved";
  const button = one.querySelector("button");
  button.setAttribute("aria-pressed", String(mine.has(question.item)));
  button.querySelector(".up-count").textContent = approved.votes(question.item);
  button.disabled = question.status === "answered";
  button.addEventListener("click", () => wish(question.item));
  return one;
}

async function wish(item) {
  const on = !mine.has(item);
  const was = approved.votes(item);
  mark(item, on);
  approved.count({ [item]: Math.max(0, was + (on ? 1 : -1)) });
  draw();
  const fields = new URLSearchParams({ csrf: page.csrf, item, ...(on ? { on: "1" } : {}) });
  const answer = await fetch(page.up, { method: "POST", body: fields }).catch(() => null);
  if (answer?.ok) return say("");
  mark(item, !on);
  approved.count({ [item]: was });
  draw();
  say((answer && refusal(await answer.text())) ?? page.words.not_sent);
}

function mark(item, on) {
  if (on) mine.add(item);
  else mine.delete(item);
}

// What an error page says, if this is one.
function refusal(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector(".error-sheet .lead")?.textContent;
}

function say(sentence) {
  document.getElementById("said").textContent = sentence;
}
