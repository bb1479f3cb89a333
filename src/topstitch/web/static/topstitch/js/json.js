// The JSON viewer folds without this. Here: searching in it, folding all at once, and its text for copying.
import { each } from "./dom.js";

const INDENT = "  ";

/** The JSON of a tree as text, folded parts and cut values included. */
export function jsonText(tree) {
  return [...tree.querySelectorAll(".line")].map((line) => {
    const plain = line.cloneNode(true);
    plain.querySelector(".cut > summary")?.remove();
    return INDENT.repeat(Number(line.dataset.depth)) + plain.textContent;
  }).join("\n");
}

function dress(view) {
  const tree = view.querySelector(".json");
  const field = view.querySelector("[data-json-find]");
  const count = view.querySelector("[data-json-count]");
  let hits = [], at = -1;

  function find() {
    for (const line of hits) line.classList.remove("hit", "here");
    const words = field.value.trim().toLowerCase();
    hits = words ? [...tree.querySelectorAll(".line")].filter((line) => line.textContent.toLowerCase().includes(words)) : [];
    for (const line of hits) line.classList.add("hit");
    at = -1;
    if (hits.length) step(1);
    else count.textContent = words ? "not found" : "";
  }

  function step(by) {
    if (!hits.length) return;
    hits[at]?.classList.remove("here");
    at = (at + by + hits.length) % hits.length;
    const line = hits[at];
    line.classList.add("here");
    for (let box = line.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    tree.scrollTop += line.getBoundingClientRect().top - tree.getBoundingClientRect().top - tree.clientHeight / 3;
    count.textContent = `${at + 1} of ${hits.length}`;
  }

  view.querySelector(".json-tools").hidden = false;
  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  view.querySelector("[data-json-fold]")?.addEventListener("click", (event) => {
    const boxes = [...tree.querySelectorAll("details details:not(.cut)")];
    const open = boxes.some((box) => !box.open);
    for (const box of boxes) box.open = open;
    event.currentTarget.setAttribute("aria-pressed", String(!open));
  });
}

each(".json-view", dress);
