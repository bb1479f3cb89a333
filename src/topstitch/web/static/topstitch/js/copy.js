// Copy buttons: what stands in data-copy, or the text of the element that data-copy-from names.
const SHOWN = 1500;

function ready(within) {
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll(".copy")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const from = button.dataset.copyFrom;
  await navigator.clipboard.writeText(from ? document.getElementById(from).innerText : button.dataset.copy);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), SHOWN);
});

ready(document);
