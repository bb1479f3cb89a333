// The mapper: what was before can be had again, and the page stays where it was.
import { announce } from "./dom.js";

const MOST = 100;
const before = [];
let going = null;

const form = () => document.getElementById("mapper-form");
const draft = () => form()?.elements.namedItem("draft");

function look() {
  const button = document.querySelector("[data-mapper-undo]");
  if (button) button.hidden = !before.length;
}

addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === form()) going = draft().value;
});

// Whoever was in a field or on a button is there again once the page has its new inside.
const FOCUSABLE = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary";
const places = () => [...document.querySelectorAll("#mapper :is(" + FOCUSABLE + ")")];
let focused = null;

addEventListener("htmx:beforeSwap", (event) => {
  const at = document.activeElement;
  const row = at?.closest("#mapper tr, #mapper .record-bar");
  focused = row && event.target.closest("#mapper") ? { id: at.id, value: at.value, name: at.name, at: places().indexOf(at) } : null;
});

function refocus() {
  if (!focused || (document.activeElement && document.activeElement !== document.body)) return;
  const all = places();
  const same = focused.id ? document.getElementById(focused.id) : all.find((one) => focused.name && one.name === focused.name && one.value === focused.value);
  (same ?? all[Math.min(focused.at, all.length - 1)])?.focus({ preventScroll: true });
}

addEventListener("htmx:afterSettle", () => {
  refocus();
  if (going !== null && draft() && draft().value !== going) {
    before.push(going);
    if (before.length > MOST) before.shift();
  }
  going = null;
  look();
});

addEventListener("click", (event) => {
  if (!event.target.closest("[data-mapper-undo]") || !before.length) return;
  const last = before.pop();
  draft().value = last;
  form().elements.namedItem("open").value = "";
  going = null;
  document.querySelector("#mapper .editor")?.remove();
  form().requestSubmit();
  announce("Taken back");
});

// Enter in a field takes over what was typed and does not press the first button of the page.
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !/INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) {
    document.querySelector("[data-mapper-undo]:not([hidden])")?.click();
    event.preventDefault();
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    document.querySelector('button[form="mapper-save"]:not(:disabled)')?.click();
    event.preventDefault();
  }
});

look();
