// Keeps the figures of the page for ops fresh. It changes a part only when it differs, and never one that is in use.

const EVERY = 2000; // ms

const inUse = (part) => part.querySelector("button") && part.matches(":hover, :focus-within");

async function refresh() {
  const answer = await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) {
    if (answer.status === 403) location.reload(); // the ticket has expired
    throw new Error(`status ${answer.status}`);
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (now && !inUse(part) && part.innerHTML !== now.innerHTML) part.replaceChildren(...now.childNodes);
  }
}

async function goOn() {
  if (!document.hidden) {
    try {
      await refresh();
    } catch {
      document.getElementById("stale").hidden = false; // the next refresh that succeeds hides it
    }
  }
  setTimeout(goOn, EVERY);
}

if (location.search) history.replaceState(null, "", "/"); // a page loaded again does not repeat what was said
setTimeout(goOn, EVERY);
