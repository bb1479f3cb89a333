// A field with suggestions from the server, after the combobox pattern of ARIA 1.2. The server answers with the options
// (`<li role="option">`, of which one with a link is a place to go to and one with data-value is a value to take).
import { announce, each } from "./dom.js";

const WAIT = 180;
let number = 0;

function dress(field) {
  const list = document.createElement("ul");
  const least = Number(field.dataset.comboboxLeast || 1);
  const kept = field.dataset.comboboxInto ? document.getElementById(field.dataset.comboboxInto) : null;
  let timer, asked = 0, active = -1;
  list.id = `combobox-${++number}`;
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.getAttribute("aria-label") || field.labels?.[0]?.textContent || "Suggestions");
  list.hidden = true;
  // A list of the browser's own is for pages without this.
  field.removeAttribute("list");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.parentElement.classList.add("has-options");
  field.parentElement.append(list);

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function point(place) {
    const all = options();
    if (!all.length) return;
    active = (place + all.length) % all.length;
    all.forEach((option, at) => {
      option.id ||= `${list.id}-${at}`;
      option.setAttribute("aria-selected", String(at === active));
    });
    field.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const link = option.querySelector("a[href]");
    close();
    if (link) { location.assign(link.href); return; }
    field.value = option.dataset.label || option.textContent.trim();
    if (kept) kept.value = option.dataset.value;
    field.dispatchEvent(new CustomEvent("taken", { bubbles: true, detail: option.dataset }));
  }

  async function ask() {
    const mine = ++asked;
    const words = field.value.trim();
    if (words.length < least) { close(); return; }
    const address = new URL(field.dataset.combobox, location.href);
    address.searchParams.set("q", words);
    let answer;
    try {
      answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "options" } });
    } catch { return; }
    const text = answer.ok ? await answer.text() : "";
    if (mine !== asked || document.activeElement !== field) return;
    list.innerHTML = text;
    const count = options().length;
    active = -1;
    list.hidden = !list.children.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    field.removeAttribute("aria-activedescendant");
    announce(count ? `${count} suggestion${count === 1 ? "" : "s"}` : "No suggestions");
  }

  field.addEventListener("input", () => {
    if (kept) kept.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) point(active < 0 && event.key === "ArrowUp" ? -1 : active + (event.key === "ArrowDown" ? 1 : -1));
      else ask();
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      take(options()[active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  field.addEventListener("blur", () => setTimeout(close, 120));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    take(option);
  });
}

each("input[data-combobox]", dress);
