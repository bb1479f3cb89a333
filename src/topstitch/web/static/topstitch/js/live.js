// A run that is going: its page asks for news by itself until paused. Nothing is refreshed under a hand that is typing.
let paused = false;

function dress() {
  const button = document.querySelector("[data-pause]");
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Auto-refresh is paused" : "Auto-refresh is on";
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pause]")) return;
  paused = !paused;
  dress();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const typing = document.activeElement && document.activeElement.closest("#live input, #live select");
  if (event.target.id === "live" && (paused || typing)) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", dress);
dress();
