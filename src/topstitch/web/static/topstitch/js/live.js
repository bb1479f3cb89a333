// What asks for news by itself: an element with data-live (and htmx's hx-trigger). It waits while the page is not looked
// at, while somebody types in it, and while it is paused by its button. A log follows its end until scrolled away.
import { each, on } from "./dom.js";

let paused = false;

each("[data-pause]", dress);

function dress(button) {
  button.hidden = false;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Auto-refresh is paused" : "Auto-refresh is on";
}

on("click", "[data-pause]", () => {
  paused = !paused;
  document.querySelectorAll("[data-pause]").forEach(dress);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== event.target || !event.target.matches("[data-live]")) return;
  const typing = event.target.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  if (paused || typing || document.hidden) event.preventDefault();
});

const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40;

each("[data-follow]", (log) => {
  const button = log.parentElement.querySelector("[data-follow-button]");
  let follows = true;
  const set = (value) => {
    follows = value;
    if (button) button.hidden = value;
    if (value) log.scrollTop = log.scrollHeight;
  };
  log.addEventListener("scroll", () => set(atEnd(log)), { passive: true });
  new MutationObserver(() => { if (follows) log.scrollTop = log.scrollHeight; }).observe(log, { childList: true, subtree: true });
  button?.addEventListener("click", () => set(true));
  set(true);
});
