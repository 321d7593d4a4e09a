// The desk of the landing page: forms are sent without leaving it, blocks are moved, the preview follows. Every form
// works without this file; the words it says are the server's.

import { reorder } from "./landing-order.js";
import { Preview } from "./landing-preview.js";

const SWAPPED = ["said", "blocks", "themes", "draft"]; // parts of the page that an answer brings anew
const TOGETHER = 350; // ms; several presses of an arrow are one new order

const pieces = document.querySelector(".pieces");
const { home, moved: movedWords, offline, signedOut } = pieces.dataset;
const part = (name) => document.getElementById(name);
const draft = () => part("draft");
const preview = new Preview(document.querySelector(".preview"), home, draft);

let changed = false; // what is typed differs from what is saved
let sending = Promise.resolve(); // one form after another, in the order of the presses
let timer = null;

function say(words) {
  part("moved").textContent = words;
}

// Something did not work; nothing that was typed is taken away.
function complain(words) {
  part("trouble").textContent = words;
  part("trouble").hidden = !words;
}

// Send a form as the browser would and put the parts of the answer in place; the answer's page, or null.
async function send(address, body, { focus } = {}) {
  let answer, page;
  try {
    answer = await fetch(address, { method: "POST", body });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    complain(offline);
    return null;
  }
  if (!page.querySelector(".pieces")) {
    // Not a page of this desk: a refusal, a fault of ours, or the door.
    complain(answer.ok ? signedOut : page.querySelector("main .lead")?.textContent ?? offline);
    return null;
  }
  complain("");
  for (const name of SWAPPED) {
    if (name === "blocks" && timer) {
      // The hand was quicker: its newer order stays, and is sent against what the server has now.
      part("order").elements.was.value = page.getElementById("order").elements.was.value;
      continue;
    }
    const [before, after] = [part(name), page.getElementById(name)];
    if (before && after && !before.isEqualNode(after)) before.replaceWith(document.adoptNode(after));
  }
  focus?.();
  wake();
  preview.now();
  return answer;
}

function queue(job) {
  sending = sending.then(job, job);
  return sending;
}

function order() {
  return [...document.querySelectorAll(".piece")].map((row) => row.dataset.block).join(",");
}

function sendOrder() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    const form = part("order");
    if (!form || form.elements.was.value === order()) return;
    const body = new FormData(form);
    body.set("order", order());
    const held = document.activeElement?.id;
    queue(() => send(form.action, body, { focus: () => part(held)?.focus() }));
  }, TOGETHER);
}

function tellPlace(row) {
  const rows = [...row.parentElement.children];
  const facts = { name: row.dataset.name, place: rows.indexOf(row) + 1, all: rows.length };
  say(movedWords.replace(/\{(\w+)\}/g, (_, name) => facts[name]));
  sendOrder();
}

// What is new in the page after an answer.
function wake() {
  const list = document.querySelector(".piece-list");
  if (list && !list.dataset.awake) {
    list.dataset.awake = "yes";
    reorder(list, tellPlace);
  }
}

// After a press on a row's button the focus goes on where the hand is.
function focusAfter(pressed) {
  const { id } = pressed;
  const first = ".field:not([hidden]) :is(input:not([type=radio]), textarea)";
  return () => {
    const same = part(id);
    const row = id === "row-more" && [...document.querySelectorAll(".piece-row")].at(-1)?.querySelector(first);
    (row || (same && !same.hidden ? same : part("undo") ?? document.querySelector(".piece-grip, #begin")))?.focus();
  };
}

pieces.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const act = submitter?.name === "act";
  if (form.id === "draft" && !act) {
    changed = false; // the browser sends it and leads on
    return;
  }
  event.preventDefault();
  const body = new FormData(form, submitter);
  const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  queue(() => send(address, body, { focus: focusAfter(submitter) }));
  if (act) changed = true;
});

pieces.addEventListener("input", (event) => {
  if (!event.target.closest("#draft")) return;
  if (event.target.name !== "shown") changed = true;
  preview.soon();
});

// A chosen file is sent at once, so that the preview can show it; without this file it goes with the form.
pieces.addEventListener("change", async ({ target }) => {
  if (target.type !== "file" || !target.files.length) return;
  const body = new FormData();
  body.set("csrf", target.form.elements.csrf.value);
  body.set("picture", target.files[0]);
  try {
    const answer = await fetch(home.replace(/landing$/, "pictures"), { method: "POST", body });
    const said = await answer.json();
    complain(answer.ok ? "" : said.text);
    if (answer.ok) choose(target, said);
    target.value = ""; // or it would go with the form, too
  } catch {
    complain(offline);
  }
});

function choose(file, { digest, width, height }) {
  const row = file.closest(".picture-choice").querySelector(".picture-row");
  let option = row.querySelector(`input[value="${digest}"]`);
  if (!option) {
    const label = row.querySelector(".picture-option").cloneNode(true);
    option = label.querySelector("input");
    option.value = digest;
    const image = Object.assign(new Image(width, height), { src: `/pictures/${digest}`, alt: file.files[0].name });
    option.nextElementSibling.replaceWith(image);
    row.append(label);
  }
  option.checked = true;
  changed = true;
  preview.now();
}

// What is wrong may stand in a language that is not shown.
pieces.addEventListener("click", (event) => {
  const link = event.target.closest(".alert a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  const language = field?.closest("[data-language]")?.dataset.language;
  if (!language) return;
  event.preventDefault();
  part(`shown-${language}`).checked = true;
  field.focus();
});

addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

wake();
part("wrong")?.focus();
