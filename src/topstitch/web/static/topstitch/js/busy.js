// A form that was sent shows it on its button and is not sent twice. Coming back to the page makes it fresh again. A form
// whose answer is a file (data-download) leaves the page as it is.
import { announce } from "./dom.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-download")) return;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  const button = event.submitter;
  if (button && button.matches(".button")) {
    button.setAttribute("aria-busy", "true");
    announce(button.dataset.busy || "Working");
  }
});

function fresh(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
  for (const button of root.querySelectorAll(".button[aria-busy]:not([data-busy-always])")) button.removeAttribute("aria-busy");
}

addEventListener("pageshow", (event) => { if (event.persisted) fresh(document); });
document.addEventListener("htmx:afterRequest", () => fresh(document));
