// The keyboard: / finds, g and a letter goes to an area, j k x Enter work the rows of a list, ? shows all keys.
import { takesText } from "./dom.js";
import { open } from "./drawers.js";
import { tickRow } from "./ticks.js";

const PATIENCE = 1000;
let went = -PATIENCE;

const rows = () => [...document.querySelectorAll("main [data-row]")].filter((row) => row.checkVisibility());

function current() {
  const focused = document.activeElement;
  if (focused.matches("[data-row]")) return focused;
  return focused.closest("tr, li")?.querySelector("[data-row]") || document.querySelector("tr.shown [data-row]");
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (next.matches("[data-drawer]") && document.getElementById("drawer")?.open) open(next).then(() => next.focus());
}

function go(key) {
  const link = document.querySelector(`.rail [data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

const ACTS = {
  "/": () => document.getElementById("find")?.focus(),
  "?": () => document.getElementById("keyboard")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => tickRow(current()),
  X: () => tickRow(current(), true),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (takesText(event.target)) {
    if (event.key === "Escape" && !event.target.closest("dialog, .menu, .code-editor")) event.target.blur();
    return;
  }
  if (document.querySelector("dialog:modal")) return;
  const going = event.timeStamp - went < PATIENCE;
  went = -PATIENCE;
  if (going && go(event.key)) return;
  if (event.key === "g") went = event.timeStamp;
  else if (ACTS[event.key]) {
    event.preventDefault();
    ACTS[event.key]();
  }
});
