// A text area for code: line numbers, the wrong line marked, Tab indents. Escape, then Tab, leaves the field.
import { each } from "./dom.js";

const INDENT = "    ";

function dress(editor) {
  const area = editor.querySelector("textarea");
  const gutter = editor.querySelector(".gutter");
  const wrong = Number(editor.dataset.errorLine || 0);
  let count = 0, leaving = false;

  const number = () => {
    const lines = area.value.split("\n").length;
    if (lines === count) return;
    count = lines;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = at + 1;
      if (at + 1 === wrong) line.className = "wrong";
      return line;
    }));
  };
  const follow = () => { gutter.style.setProperty("transform", `translateY(${-area.scrollTop}px)`); };

  function put(text, from, to) {
    area.setSelectionRange(from, to);
    // The one way that keeps the browser's own undo.
    if (!document.execCommand(text ? "insertText" : "delete", false, text)) area.setRangeText(text, from, to, "end");
  }

  function indent(back) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    if (start === end && !back) { put(INDENT, start, end); return; }
    const from = value.lastIndexOf("\n", start - 1) + 1;
    const lines = value.slice(from, end).split("\n");
    const text = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : line && INDENT + line)).join("\n");
    put(text, from, end);
    area.setSelectionRange(from, from + text.length);
  }

  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { leaving = true; return; }
    if (event.key === "Tab" && !leaving) {
      event.preventDefault();
      indent(event.shiftKey);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const line = area.value.slice(0, area.selectionStart).split("\n").pop();
      const blanks = line.match(/^ */)[0] + (/:\s*$/.test(line) ? INDENT : "");
      if (blanks) { event.preventDefault(); put(`\n${blanks}`, area.selectionStart, area.selectionEnd); }
    }
    if (event.key !== "Shift") leaving = false;
  });
  area.addEventListener("blur", () => { leaving = false; });
  area.addEventListener("input", number);
  area.addEventListener("scroll", follow, { passive: true });
  number();
  follow();
}

each(".code-editor", dress);
