// Which rows of the mapper are shown: those with some words in them, those that fail, that are doubtful, that are off.
const shown = { words: "", which: "" };

export function sift() {
  const rows = [...document.querySelectorAll("#mapper tr.map")];
  let any = false;
  for (const row of rows) {
    const fits = (!shown.which || row.classList.contains(shown.which)) && row.textContent.toLowerCase().includes(shown.words);
    row.hidden = !fits && !row.classList.contains("is-open");
    any ||= !row.hidden;
  }
  for (const body of document.querySelectorAll("#mapper tbody")) {
    const own = [...body.querySelectorAll("tr.map")];
    body.hidden = own.length > 0 && own.every((row) => row.hidden);
  }
  const none = document.querySelector("[data-rows-none]");
  if (none) none.hidden = any || !rows.length;
  const find = document.querySelector("[data-rows-find]");
  if (find && find !== document.activeElement) find.value = shown.words;
  for (const choice of document.querySelectorAll("[name=rows-which]")) choice.checked = choice.value === shown.which;
}

addEventListener("input", (event) => {
  if (!event.target.matches("[data-rows-find]")) return;
  shown.words = event.target.value.trim().toLowerCase();
  sift();
});
// These fields are no part of the mapping: the form is not to hear of them.
addEventListener("change", (event) => {
  if (!event.target.matches("[data-rows-find], [name=rows-which]")) return;
  event.stopPropagation();
  if (event.target.name === "rows-which") shown.which = event.target.value;
  sift();
}, true);

// Whoever typed before this was there is heard too.
shown.words = document.querySelector("[data-rows-find]")?.value.trim().toLowerCase() ?? "";
sift();
