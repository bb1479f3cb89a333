// Copy buttons: what stands in data-copy, the text of the element that data-copy-from names, or the JSON around the button.
import { announce, each, on } from "./dom.js";
import { jsonText } from "./json.js";

const SHOWN = 1500;

each(".copy", (button) => { if (navigator.clipboard) button.hidden = false; });

function textOf(element) {
  const tree = element.matches(".json") ? element : element.querySelector(".json");
  if (tree) return jsonText(tree);
  return "value" in element ? element.value : element.innerText;
}

on("click", ".copy", async (event, button) => {
  const from = button.dataset.copyFrom;
  const source = "copyNear" in button.dataset ? button.closest(".json-view") : from && document.getElementById(from);
  await navigator.clipboard.writeText(source ? textOf(source) : button.dataset.copy);
  button.classList.add("done");
  announce("Copied");
  setTimeout(() => button.classList.remove("done"), SHOWN);
});
