// The page of the hall on a phone: sends its forms without losing the place, shows what changes. It works without this file.

import { Approved, Stage } from "./approved.js";
import { KeptRows } from "./kept-rows.js";
import { opened } from "./live-page.js";
import { Reread, Standing } from "./reread.js";

const SPREAD = 6_000; // ms over which all phones of a hall fetch what an event told them of

const { page, live, world } = opened();
const approved = new Approved(page);
const mine = new Set(page.mine);
const rows = new KeptRows(document.querySelector("#questions .hall-questions"), make, fill);
const standing = new Standing();
const reread = new Reread(world, SPREAD, fetchAnew);
let onAir = page.session;
let drawing = false;
let caughtUp = false; // the room was joined
let wished = 0; // how often a wish of one's own began or ended: what was asked for before may not know of it

live.join(page.room, new Stage(approved, {
  questions: draw,
  counts: draw,
  caughtUp: () => {
    if (caughtUp) reread.soon(); // the line was away, and counts are told to whoever is there
    caughtUp = true;
    draw();
  },
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
  const [fields, before] = [new FormData(form, event.submitter), wished];
  try {
    fields.set("now", "1"); // what changes is answered, and not the whole page
    const answer = await fetch(form.action, { method: "POST", body: fields });
    show(await answer.text(), before, answer.ok ? form : null);
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
  const before = wished;
  try {
    const answer = await fetch(`${location.pathname}?now=1`, { cache: "no-store" });
    if (answer.ok) show(await answer.text(), before, null);
    return answer.ok;
  } catch (wrong) {
    console.warn("The page could not be fetched, it is tried again:", wrong);
    return false;
  }
}

// Puts what a fetched page says into this one; what is being written stays. `before`: what was wished when it was asked
// for; `sent`: the form that was accepted.
function show(html, before, sent) {
  const no = refusal(html);
  if (no) return say(no);
  const fresh = new DOMParser().parseFromString(html, "text/html");
  showPoll(fresh.getElementById("poll"), sent);
  document.getElementById("session").replaceWith(fresh.getElementById("session"));
  know(JSON.parse(fresh.getElementById("live").textContent), before);
  say("");
  if (sent?.classList.contains("hall-ask")) {
    document.getElementById("asked").replaceWith(fresh.getElementById("asked"));
    sent.reset();
    sent.querySelector("[name=key]").value = world.key();
    document.getElementById("asked").focus();
  }
}

// Several options may be chosen before they are sent: they stay as long as that poll is open. The focus keeps its place.
function showPoll(fresh, sent) {
  const poll = document.getElementById("poll");
  const chosen = [...poll.querySelectorAll("input")].find((one) => one.checked !== one.defaultChecked)?.closest(".ballot");
  if (chosen && !poll.contains(sent) && fresh.querySelector(`#${chosen.id}[data-status=open]`)) return;
  const was = document.activeElement?.value;
  const here = poll.contains(document.activeElement);
  poll.replaceWith(fresh);
  if (here) fresh.querySelector(`[name=option][value="${was}"], .button`)?.focus({ preventScroll: true });
}

// What the site knew: the session that is on, whose questions are those of the list, and how many want what.
function know({ session, votes, mine: own }, before) {
  page.session = session;
  approved.turn(session);
  if (before === wished) {
    approved.recount(votes);
    mine.clear();
    for (const item of own) mine.add(item);
  } else {
    reread.soon();
  }
  draw();
}

function draw() {
  if (drawing || !caughtUp) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const shown = approved.list();
    rows.draw(shown);
    document.querySelector("#questions .empty").hidden = shown.length > 0;
  });
}

function make(item) {
  const one = document.getElementById("hall-question").content.firstElementChild.cloneNode(true);
  one.id = `q-${item}`;
  one.querySelector("button").addEventListener("click", () => wish(item));
  return one;
}

function fill(one, question) {
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
}

async function wish(item) {
  wished += 1;
  const on = !mine.has(item);
  const was = approved.votes(item);
  mark(item, on);
  approved.count({ [item]: Math.max(0, was + (on ? 1 : -1)) });
  draw();
  const fields = new URLSearchParams({ csrf: page.csrf, item, ...(on ? { on: "1" } : {}) });
  // What is done leads to the page; it is here already, and not fetched again by each of a thousand phones.
  const answer = await fetch(page.up, { method: "POST", body: fields, redirect: "manual" }).catch(() => null);
  wished += 1;
  if (answer?.type === "opaqueredirect") return say("");
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
