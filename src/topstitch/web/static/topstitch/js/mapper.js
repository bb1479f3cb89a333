// The mapper: what was before can be had again, and the page stays where it was.
import { announce, takesText } from "./dom.js";
import { sift } from "./mapper_rows.js";

const MOST = 100;
const before = [];
let going = null;

const form = () => document.getElementById("mapper-form");
const draft = () => form()?.elements.namedItem("draft");

function look() {
  const button = document.querySelector("[data-mapper-undo]");
  if (button) button.hidden = !before.length;
}

// A field that changes says nothing of the button that was pressed before it.
addEventListener("htmx:configRequest", (event) => {
  if (event.target !== form() || event.detail.triggeringEvent?.type !== "change") return;
  for (const name of ["action", "sample", "wanted", "document", "pasted"]) event.detail.parameters.delete?.(name);
  event.detail.path = form().getAttribute("hx-post");
});

// What is typed can be saved at once: Save takes it along.
const save = () => document.querySelector("[data-mapper-save]");
addEventListener("input", (event) => {
  if (event.target.closest("#mapper tr.editor")) save()?.removeAttribute("disabled");
});

addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === form()) going = draft().value;
});

// Whoever was in a field or on a button is there again once the page has its new inside, and sees it at the same height.
const FOCUSABLE = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary";
const BLOCKS = ["tr.editor", ".record-bar", ".mapper-tools", ".missing"];
const inside = (block) => [...block.querySelectorAll(FOCUSABLE)];
let focused = null;

function block_of(at) {
  const row = at.closest("#mapper tr.map");
  const found = row ? `#${row.id}` : BLOCKS.find((each) => at.closest(`#mapper ${each}`));
  return found && { selector: row ? found : `#mapper ${found}`, block: row ?? at.closest(found) };
}

addEventListener("htmx:beforeSwap", (event) => {
  const at = document.activeElement;
  const found = event.target.closest("#mapper") && at && block_of(at);
  focused = found ? { selector: found.selector, top: found.block.getBoundingClientRect().top, id: at.id, name: at.name, value: at.value, at: inside(found.block).indexOf(at), typed: typed(at) } : null;
});

// What somebody was typing meanwhile, and where in it; the answer knows nothing of it yet.
function typed(at) {
  if (!takesText(at) || at.matches("select") || at.value === at.defaultValue) return null;
  return { value: at.value, from: at.selectionStart, to: at.selectionEnd };
}

function retype(at, { value, from, to }) {
  if (at.value === value) return;
  at.value = value;
  if (from !== null) at.setSelectionRange(from, to);
  at.dispatchEvent(new Event("input", { bubbles: true }));
  at.dispatchEvent(new Event("change", { bubbles: true }));
}

function refocus() {
  const block = focused && document.querySelector(focused.selector);
  if (!block) return;
  scrollBy({ top: block.getBoundingClientRect().top - focused.top, behavior: "instant" });
  if (document.activeElement && document.activeElement !== document.body) return;
  const all = inside(block);
  const named = (one) => focused.name && one.name === focused.name && (focused.typed || one.value === focused.value);
  const same = focused.id ? document.getElementById(focused.id) : all.find(named);
  (same ?? all[Math.min(focused.at, all.length - 1)])?.focus({ preventScroll: true });
  if (same && focused.typed) retype(same, focused.typed);
}

addEventListener("htmx:afterSettle", () => {
  refocus();
  // What is wrong, or was done to the whole of it, is said above: whoever is further down is to see it.
  document.querySelector("#mapper > :is(.error, .notice)")?.scrollIntoView({ block: "nearest" });
  if (going !== null && draft() && draft().value !== going) {
    before.push(going);
    if (before.length > MOST) before.shift();
  }
  going = null;
  look();
  sift();
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
    if (!save()?.disabled) save()?.click();
    event.preventDefault();
  }
});

look();
