// A row swept to the right is approved, to the left rejected; a hint under it says so before it happens. It decides nothing.

const ENOUGH = 96; // px; a thumb that only scrolls moves less sideways
const BEGINS = 12; // px sideways before it counts as a sweep

// `told(id, verb)` hears of what was swept.
export function swipes(root, told) {
  let row = null;
  let from = null;
  let moved = 0;
  const stop = () => {
    if (row) {
      row.style.removeProperty("--swept");
      delete row.dataset.swept;
    }
    row = null;
    from = null;
    moved = 0;
  };
  root.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" || event.target.closest("input, textarea, select, form")) return;
    row = event.target.closest(".row");
    from = { x: event.clientX, y: event.clientY };
  });
  root.addEventListener("pointermove", (event) => {
    if (!row) return;
    moved = event.clientX - from.x;
    if (!row.dataset.swept && Math.abs(event.clientY - from.y) > Math.abs(moved)) return stop();
    if (Math.abs(moved) < BEGINS && !row.dataset.swept) return;
    row.dataset.swept = `${moved > 0 ? "right" : "left"}${Math.abs(moved) >= ENOUGH ? " enough" : ""}`;
    row.style.setProperty("--swept", `${moved}px`);
  });
  root.addEventListener("pointerup", () => {
    const done = row?.dataset.swept?.includes("enough") ? { id: row.dataset.id, verb: moved > 0 ? "approve" : "reject" } : null;
    stop();
    if (done) told(done.id, done.verb);
  });
  root.addEventListener("pointercancel", stop);
}
