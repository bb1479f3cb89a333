// Menus are popovers and open without this. Here: their place beside the button, arrow keys, closing after a choice.
import { on } from "./dom.js";

const GAP = 4;

function buttonOf(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

function place(menu) {
  const button = buttonOf(menu);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: wide, offsetHeight: high } = menu;
  const below = at.bottom + GAP + high <= innerHeight || at.top < high + GAP;
  const left = at.left + wide <= innerWidth - GAP ? at.left : Math.max(GAP, at.right - wide);
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${below ? at.bottom + GAP : at.top - GAP - high}px`);
}

function items(menu) {
  return [...menu.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled)")].filter((item) => item.checkVisibility());
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches || !menu.matches(".menu[popover]")) return;
  if (event.newState !== "open") return;
  place(menu);
  const first = items(menu)[0];
  if (first) first.focus({ preventScroll: true });
}, true);

on("keydown", ".menu[popover]", (event, menu) => {
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined || !all.length || event.target.matches("input")) return;
  event.preventDefault();
  event.stopPropagation();
  all[(next + all.length) % all.length].focus();
});

on("keydown", "[popovertarget]", (event, button) => {
  const menu = document.getElementById(button.getAttribute("popovertarget"));
  if (event.key !== "ArrowDown" || !menu || menu.matches(":popover-open")) return;
  event.preventDefault();
  menu.showPopover();
});

on("click", ".menu[popover] :is(a, button)", (event, item) => {
  if (!item.closest(".theme, [data-stay]")) item.closest(".menu").hidePopover();
});

for (const type of ["scroll", "resize"]) {
  addEventListener(type, () => document.querySelectorAll(".menu:popover-open").forEach(place), { capture: true, passive: true });
}
