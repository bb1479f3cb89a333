// Secrets are shown while they are typed if asked to, and hidden again when the field is left.
import { each } from "./dom.js";

each("[data-reveal]", (button) => {
  const field = document.getElementById(button.dataset.reveal);
  const set = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  const dress = () => { button.hidden = !field.value; };
  button.addEventListener("click", () => { set(field.type === "password"); field.focus(); });
  field.addEventListener("input", dress);
  field.addEventListener("blur", (event) => { if (event.relatedTarget !== button) set(false); });
  field.form?.addEventListener("submit", () => set(false));
  dress();
});
