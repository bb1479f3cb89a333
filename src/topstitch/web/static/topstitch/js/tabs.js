// Tabs within a page: sections that read one below the other without this. Tabs that are addresses need no script to work.
import { each } from "./dom.js";

function dress(box) {
  const panels = [...box.querySelectorAll(":scope > [data-tab]")];
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabs);
  const tabs = panels.map((panel, place) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${box.id}-tab-${place}`;
    tab.setAttribute("role", "tab");
    tab.textContent = panel.dataset.tab;
    panel.id ||= `${box.id}-panel-${place}`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
    const title = panel.querySelector(":scope > .tab-title");
    if (title) title.hidden = true;
    tab.addEventListener("click", () => show(place));
    list.append(tab);
    return tab;
  });

  function show(chosen, focus = false) {
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", String(place === chosen));
      tab.tabIndex = place === chosen ? 0 : -1;
      panels[place].hidden = place !== chosen;
    });
    if (focus) tabs[chosen].focus();
  }

  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show((next + tabs.length) % tabs.length, true);
  });
  box.prepend(list);
  show(0);
}

each("[data-tabs]", dress);

// Where there is no room for all tabs of a page, the present one is in sight.
each(".tabs > [aria-current]", (tab) => {
  tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
});
