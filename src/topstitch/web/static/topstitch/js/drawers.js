// A drawer shows, beside the list, the page that a link leads to. The address is the page's own: it can be shared, loaded
// anew and opened in a tab of its own; Back closes the drawer.
import { announce, on } from "./dom.js";

const drawer = document.getElementById("drawer");
const home = location.href;
let opener = null;
let asked = 0;

export async function open(link, push = true) {
  const mine = ++asked;
  drawer.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "drawer" } });
  } catch {
    location.assign(link.href);
    return;
  }
  if (mine !== asked) return;
  if (!answer.ok || answer.redirected || answer.headers.get("HX-Refresh")) {
    location.assign(link.href);
    return;
  }
  drawer.innerHTML = await answer.text();
  drawer.removeAttribute("aria-busy");
  window.htmx?.process(drawer);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: drawer } }));
  mark(link);
  if (push) history[drawer.open ? "replaceState" : "pushState"]({ drawer: link.href }, "", link.href);
  if (!drawer.open) drawer.show();
  drawer.scrollTop = 0;
  const title = drawer.querySelector("h1, h2");
  if (title) announce(title.textContent);
}

function mark(link) {
  document.querySelectorAll("tr.shown").forEach((row) => row.classList.remove("shown"));
  const row = link.closest && link.closest("tr");
  if (row) row.classList.add("shown");
  opener = link;
}

function shut() {
  if (!drawer.open) return;
  drawer.close();
  drawer.replaceChildren();
  document.querySelectorAll("tr.shown").forEach((row) => row.classList.remove("shown"));
  if (opener && opener.isConnected) opener.focus();
}

if (drawer) {
  on("click", "a[data-drawer]", (event, link) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  on("click", "#drawer [data-close]", (event) => {
    event.preventDefault();
    history.state && history.state.drawer ? history.back() : shut();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawer.open || event.defaultPrevented || document.querySelector("dialog:modal, :popover-open")) return;
    if (event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    history.state && history.state.drawer ? history.back() : shut();
  });
  addEventListener("popstate", (event) => {
    const address = event.state && event.state.drawer;
    if (address) open({ href: address }, false);
    else if (location.href === home || drawer.open) shut();
  });
}
