// Rows that can be ticked, and the bar with what can be done to all of them. Without this the bar simply stays.
import { announce, each, on } from "./dom.js";

let last = null;

const boxes = (list) => [...list.querySelectorAll("tbody input[name=tick]")];

function show(list) {
  const all = boxes(list);
  const ticked = all.filter((box) => box.checked).length;
  const whole = list.querySelector("[data-tick-all]");
  if (whole) {
    whole.checked = ticked > 0 && ticked === all.length;
    whole.indeterminate = ticked > 0 && ticked < all.length;
  }
  const bar = list.querySelector(".tick-bar");
  if (!bar) return;
  bar.hidden = !ticked;
  const words = `${ticked} of ${all.length} on this page`;
  if (bar.querySelector("[data-ticked]").textContent !== words) {
    bar.querySelector("[data-ticked]").textContent = words;
    announce(ticked ? `${words} ticked` : "None ticked");
  }
}

function tick(box, checked, range) {
  const list = box.closest("[data-ticks]");
  const all = boxes(list);
  const from = range && last ? all.indexOf(last) : -1;
  const to = all.indexOf(box);
  const some = from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of some) each.checked = checked;
  last = box;
  show(list);
}

/** Ticks the row of an element, or unticks it; with `range`, all rows from the one before. */
export function tickRow(element, range = false) {
  const box = element && element.closest("tr")?.querySelector("input[name=tick]");
  if (box) tick(box, range || !box.checked, range);
}

on("click", "input[name=tick]", (event, box) => tick(box, box.checked, event.shiftKey));
on("change", "[data-tick-all]", (event, whole) => {
  const list = whole.closest("[data-ticks]");
  for (const box of boxes(list)) box.checked = whole.checked;
  show(list);
});
on("click", "[data-untick]", (event, button) => {
  const list = button.closest("[data-ticks]");
  for (const box of boxes(list)) box.checked = false;
  show(list);
});
each("[data-ticks]", show);
addEventListener("pageshow", () => document.querySelectorAll("[data-ticks]").forEach(show));
