// Colours: as the device, light or dark. The choice is a cookie, so that the server draws the next page in it at once.
import { remember } from "./dom.js";

const root = document.documentElement;
const group = document.querySelector(".theme");

function show() {
  for (const button of group.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  }
}

if (group) {
  group.hidden = false;
  show();
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    root.dataset.theme = button.dataset.themeChoice;
    remember("theme", root.dataset.theme);
    show();
  });
}
