// The rail folds to icons and stays so.
import { remember } from "./dom.js";

const root = document.documentElement;
const button = document.querySelector("[data-fold]");

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const narrow = root.dataset.rail !== "narrow";
    root.dataset.rail = narrow ? "narrow" : "wide";
    button.setAttribute("aria-pressed", String(narrow));
    remember("rail", root.dataset.rail);
  });
}
