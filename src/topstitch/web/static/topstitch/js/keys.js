// The keyboard: / finds a record, g then h, s or r goes to an area, j and k go through the rows of a list.
const AREAS = { h: "/", s: "/services/", r: "/reports/" };
const PATIENCE = 1000;
let went = 0;

function move(step) {
  const rows = [...document.querySelectorAll("a[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const now = event.timeStamp;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("find").focus();
  } else if (event.key === "g") {
    went = now;
    return;
  } else if (went && now - went < PATIENCE && AREAS[event.key]) {
    location.assign(AREAS[event.key]);
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  }
  went = 0;
});
