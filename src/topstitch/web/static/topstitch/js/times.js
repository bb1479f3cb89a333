// Relative times stay true while a page stays open. The words are those of the server (components/words.py).
const UNITS = [[86400, "day"], [3600, "hour"], [60, "minute"]];
const FORTNIGHT = 14 * 86400;
const EVERY = 20000;

function span(seconds) {
  for (const [size, name] of UNITS) {
    if (seconds < size * 0.95) continue;
    const count = Math.max(half(seconds / size), 1);
    return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  return "1 minute";
}

/** Halves to the even number, as the server rounds. */
function half(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 ? low + 1 : low;
}

/** The words for a moment, null when it is so far away that its day is said instead. */
export function relative(moment, now) {
  const seconds = (now - moment) / 1000;
  if (Math.abs(seconds) >= FORTNIGHT) return null;
  if (Math.abs(seconds) < 45) return seconds >= 0 ? "just now" : "in a moment";
  return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = relative(new Date(time.dateTime), new Date());
    if (words && time.textContent !== words) time.textContent = words;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
