// What makes the desk's forms nicer; all of them work without it: rows are dragged into an order, and a refused form is
// read out from its first line.

document.querySelector("#wrong")?.focus();

for (const form of document.querySelectorAll("form[data-order]")) {
  const rows = () => [...form.querySelectorAll("[data-id]")];
  if (rows().length < 2) continue;
  const order = () => rows().map((row) => row.dataset.id).join(",");
  const before = order();
  let dragged = null;

  for (const row of rows()) {
    row.draggable = true;
    for (const link of row.querySelectorAll("a")) link.draggable = false; // the row is dragged, not its address
  }
  form.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-id]");
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("dragged");
  });
  form.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-id]");
    if (!dragged || !over) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (over !== dragged) over[event.clientY < top + height / 2 ? "before" : "after"](dragged);
  });
  form.addEventListener("drop", (event) => event.preventDefault());
  form.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    if (order() === before) return;
    const field = form.querySelector("input[name=order]") ?? document.createElement("input");
    Object.assign(field, { type: "hidden", name: "order", value: order() });
    form.append(field);
    form.submit();
  });
}
