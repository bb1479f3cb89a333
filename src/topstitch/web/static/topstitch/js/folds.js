// Folds that have an id stay as they are when the part of the page that they stand in is refreshed.
let open = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  open = [...event.target.querySelectorAll("details[id][open]")].map((fold) => fold.id);
});

document.addEventListener("htmx:afterSettle", () => {
  for (const id of open) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
});
