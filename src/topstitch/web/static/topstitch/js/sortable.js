// A list that can be put in order: by its buttons (which submit without this) and by dragging its handles.
// Whatever its rows hold as hidden fields is sent in the order of the rows. `sorted` is told after every move.
import { announce, each, on } from "./dom.js";

const rows = (list) => [...list.querySelectorAll(":scope > [data-sort]")];

function told(list, row) {
  const all = rows(list);
  all.forEach((each, at) => {
    const [up, down] = [each.querySelector("[data-move=up]"), each.querySelector("[data-move=down]")];
    if (up) up.disabled = at === 0;
    if (down) down.disabled = at === all.length - 1;
  });
  if (!row) return;
  announce(`${row.dataset.sort}: ${all.indexOf(row) + 1} of ${all.length}`);
  list.dispatchEvent(new CustomEvent("sorted", { bubbles: true, detail: { order: all.map((each) => each.dataset.sort) } }));
}

on("click", "[data-sortable] [data-move]", (event, button) => {
  event.preventDefault();
  const row = button.closest("[data-sort]");
  const up = button.dataset.move === "up";
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  up ? other.before(row) : other.after(row);
  told(row.parentElement, row);
  (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button)?.focus();
});

each("[data-sortable]", (list) => {
  let row = null;
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button) return;
    event.preventDefault();
    row = grip.closest("[data-sort]");
    row.classList.add("dragged");
    grip.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!row) return;
    for (const other of rows(list)) {
      if (other === row) continue;
      const box = other.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const above = other.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (above && event.clientY < middle) { other.before(row); break; }
      if (!above && event.clientY > middle && event.clientY < box.bottom + box.height) other.after(row);
    }
  });
  const drop = () => {
    if (!row) return;
    row.classList.remove("dragged");
    told(list, row);
    row = null;
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("pointercancel", drop);
  for (const grip of list.querySelectorAll("[data-grip]")) grip.hidden = false;
  told(list, null);
});
