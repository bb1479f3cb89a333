// A part of a page that is swapped while somebody types in it: what was typed meanwhile stays, and what an answer says
// (data-says) is said to those who listen.
import { announce } from "./dom.js";

const TEXT = "input:not([type=checkbox], [type=radio], [type=hidden], [type=file]), textarea";
let sent = new Map();
let kept = null;

const texts = (root) => [...root.querySelectorAll(TEXT)].filter((field) => field.id);

document.addEventListener("htmx:beforeRequest", (event) => {
  sent = new Map(texts(document).map((field) => [field.id, field.value]));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const field = document.activeElement;
  const typed = field?.matches(TEXT) && event.detail.target.contains(field) && sent.get(field.id) !== field.value;
  kept = typed ? { id: field.id, value: field.value } : null;
});

document.addEventListener("htmx:afterSettle", () => {
  const field = kept && document.getElementById(kept.id);
  if (field) field.value = kept.value;
  kept = null;
});

document.addEventListener("htmx:load", (event) => {
  const words = event.detail.elt.dataset?.says;
  if (words) announce(words);
});
