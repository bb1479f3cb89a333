// The editor of a script: after a test the line that failed is marked, and a click on it leads there.
import { each, on } from "./dom.js";

function mark(line) {
  const gutter = document.querySelector(".script .code-editor .gutter");
  if (!gutter) return;
  gutter.querySelector(".wrong")?.classList.remove("wrong");
  gutter.children[line - 1]?.classList.add("wrong");
}

each(".outcome[data-line]", (outcome) => mark(Number(outcome.dataset.line)));

on("click", "[data-goto-line]", (event, link) => {
  const area = document.getElementById("id_code");
  const lines = area.value.split("\n");
  const line = Math.min(Number(link.dataset.gotoLine), lines.length);
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  event.preventDefault();
  area.focus();
  area.setSelectionRange(from, from + lines[line - 1].length);
});
