// Stars without leaving the page, and one's own zone offered by name. The schedule works without this file.

const said = document.querySelector("#star-said");
const tell = (words) => {
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = words));
};

const show = (button, on) => {
  button.classList.toggle("on", on);
  button.setAttribute("aria-pressed", String(on));
  button.name = on ? "unstar" : "star";
};

const send = async (button, form) => {
  const on = button.name === "star";
  const fields = new FormData(form);
  fields.set(button.name, button.value);
  show(button, on);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
    tell(on ? said.dataset.on : said.dataset.off);
  } catch {
    show(button, !on);
    tell(said.dataset.failed);
  }
};

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.classList.contains("star")) return;
  event.preventDefault();
  send(button, event.target);
});

// The browser knows its zone: the list of zones begins with it, and nobody has to look for it.
const bar = document.querySelector(".zone-bar");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const minutes = -new Date().getTimezoneOffset();
const sheet = bar?.querySelector(".zone-sheet");
if (sheet && own && minutes !== Number(bar.dataset.offset)) {
  const known = sheet.querySelector(`button[value="${CSS.escape(own)}"]`);
  const row = known ?? Object.assign(document.createElement("button"), { className: "menu-row", name: "zone", value: own });
  if (!known) row.textContent = own.split("/").at(-1).replaceAll("_", " ");
  row.classList.add("own-zone");
  sheet.prepend(row, ...sheet.querySelectorAll("input"));
}
