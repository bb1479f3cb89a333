// Dialogs open by `command` and `commandfor`, natively where the browser knows them. Here: for those that do not, the
// typed confirmation, and dialogs that come as an answer of the server.
import { each, on } from "./dom.js";

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  on("click", "[commandfor]", (event, button) => {
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

/** The button that does it waits until the name has been typed. */
function waitForName(field) {
  const form = field.form;
  const button = form.querySelector("[data-when-typed]");
  const check = () => { button.disabled = field.value.trim() !== field.dataset.typed; };
  field.addEventListener("input", check);
  form.closest("dialog")?.addEventListener("close", () => { field.value = ""; check(); });
  check();
}

each("input[data-typed]", waitForName);
each("dialog[data-open]", (dialog) => { if (!dialog.open) dialog.showModal(); });

// An answer into a dialog's place is a dialog to be shown: what had the focus gets it back when it closes.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest && event.target.closest("dialog:not(.drawer)");
  if (dialog && !dialog.open) dialog.showModal();
});

// A click on the backdrop closes what may be closed without loss, where the browser does not do it by itself.
document.addEventListener("click", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || dialog.getAttribute("closedby") !== "any" || "closedBy" in dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});
