// The page of what is on looks again when something begins or ends, unless somebody is just choosing. It sends nothing.

const until = document.querySelector("[data-until]")?.dataset.until;
const LONGEST = 2 ** 31 - 1; // ms; a longer timer ends at once
const GRACE = 1000; // ms; the server's clock decides

if (until) {
  const chosen = () => document.activeElement?.matches("input, select, textarea") || document.querySelector("details.shift-other[open]");
  const look = () => (chosen() ? setTimeout(look, 10_000) : location.replace(location.pathname));
  const wait = new Date(until) - Date.now() + GRACE;
  if (wait < LONGEST) setTimeout(look, Math.max(wait, GRACE));
}
