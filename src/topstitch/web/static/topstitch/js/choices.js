// Many choices: a field narrows the list down, and what is chosen is counted. Without this the list is simply whole.
import { each } from "./dom.js";

each("[data-choices]", (box) => {
  const field = box.querySelector("[data-choices-find]");
  const count = box.querySelector("[data-choices-count]");
  const labels = [...box.querySelectorAll("label.choice")];
  const show = () => {
    const chosen = labels.filter((label) => label.control.checked).length;
    count.textContent = chosen ? `${chosen} chosen` : "None chosen";
  };
  const narrow = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const label of labels) {
      const fits = words.every((word) => label.textContent.toLowerCase().includes(word));
      label.hidden = !fits;
      left += fits;
    }
    box.querySelector("[data-choices-none]").hidden = left > 0;
  };
  if (field) {
    field.hidden = false;
    field.addEventListener("input", narrow);
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }
  box.addEventListener("change", show);
  show();
});
