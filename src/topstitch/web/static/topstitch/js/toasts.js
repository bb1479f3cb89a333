// Toasts: what was done, for a few seconds. What went wrong stays until it is closed. The server draws them with a page,
// or names them in the HX-Trigger header of a part (web/answers.py).
import { each, on } from "./dom.js";

const SHOWN = 6000;
const place = document.getElementById("toasts");

/** Says something; `kind` is ok, quiet, pending or failed. */
export function toast(words, kind = "ok") {
  const template = document.getElementById("toast-template");
  const pattern = template.content.querySelector(`.is-${CSS.escape(kind)}`) || template.content.firstElementChild;
  const shown = pattern.cloneNode(true);
  shown.querySelector(".words").textContent = words;
  place.append(shown);
  leaveLater(shown);
}

function leaveLater(shown) {
  if (shown.matches(".is-failed, .is-pending") || shown.hasAttribute("data-stays")) return;
  let timer = setTimeout(() => shown.remove(), SHOWN);
  shown.addEventListener("pointerenter", () => clearTimeout(timer));
  shown.addEventListener("pointerleave", () => { timer = setTimeout(() => shown.remove(), SHOWN); });
}

each("#toasts > .toast", leaveLater);
on("click", ".toast [data-close]", (event, button) => button.closest(".toast").remove());
document.addEventListener("toast", (event) => toast(event.detail.words, event.detail.kind));
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Nothing was changed.", "failed"));
document.addEventListener("htmx:responseError", (event) => {
  // It says itself what was in the way (web/access.py).
  if (event.detail.xhr.status === 409) return;
  toast(event.detail.xhr.status === 403 ? "You are not allowed to do that." : "That did not work. Reload the page and try again.", "failed");
});
