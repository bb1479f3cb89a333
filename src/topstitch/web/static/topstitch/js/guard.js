// Forms with data-guard: nobody loses what they typed by leaving the page. `data-guard="changed"` was drawn with changes not kept yet.
import { each, on } from "./dom.js";

const changed = new Set();

const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

each("form[data-guard]", (form) => {
  const before = state(form);
  const note = form.querySelector("[data-unsaved]");
  const look = () => {
    const differs = form.dataset.guard === "changed" || state(form) !== before;
    changed[differs ? "add" : "delete"](form);
    if (note) note.hidden = !differs;
  };
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  form.addEventListener("sorted", look);
  form.addEventListener("htmx:afterSettle", look);
  form.addEventListener("reset", () => setTimeout(look));
  look();
});

on("submit", "form[data-guard]", (event, form) => changed.delete(form));
addEventListener("beforeunload", (event) => {
  for (const form of changed) if (!form.isConnected) changed.delete(form);
  if (changed.size) event.preventDefault();
});
