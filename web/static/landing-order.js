// Blocks in their order, moved by dragging or by keys. It moves rows and tells; it sends nothing.

const KEYS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

// `moved(row)` is told after each move by keys and after each drag that changed the order.
export function reorder(list, moved) {
  let dragged = null; // { row, before: the row that followed it at first, y }

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest(".piece-grip");
    if (!grip || !(event.key in KEYS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const row = grip.closest(".piece");
    const rows = [...list.children];
    const from = rows.indexOf(row);
    const to = Math.max(0, Math.min(rows.length - 1, from + KEYS[event.key]));
    if (to === from) return;
    place(row, to > from ? rows[to].nextSibling : rows[to]);
    grip.focus(); // moving an element takes the focus away
    moved(row);
  });

  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".piece-grip");
    if (!grip || event.button !== 0) return;
    const row = grip.closest(".piece");
    dragged = { row, before: row.nextSibling };
    list.setPointerCapture(event.pointerId); // rows move under the pointer; the list stays where it is
    row.classList.add("is-dragged");
  });
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const { row } = dragged;
    const rest = [...list.children].filter((one) => one !== row);
    const next = rest.find((one) => event.clientY < middle(one)) ?? null;
    if (row.nextElementSibling !== next) place(row, next);
  });
  list.addEventListener("pointerup", () => drop(true));
  list.addEventListener("pointercancel", () => drop(false));
  addEventListener("keydown", (event) => event.key === "Escape" && drop(false)); // a dragged row has no focus

  function drop(stays) {
    if (!dragged) return;
    const { row, before } = dragged;
    dragged = null;
    row.classList.remove("is-dragged");
    if (!stays) place(row, before);
    else if (row.nextSibling !== before) moved(row);
    row.querySelector(".piece-grip").focus();
  }

  function place(row, before) {
    list.insertBefore(row, before);
  }
}

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}
