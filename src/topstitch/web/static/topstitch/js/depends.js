// Fields that are asked for only when other fields have certain values: data-when holds {"auth": ["token", "key"]}.
// What is not shown is not sent either. The server decides again what it takes.
import { each } from "./dom.js";

function valueOf(form, name) {
  const control = form.elements.namedItem(name);
  if (!control) return "";
  if (control.type === "checkbox") return control.checked ? "True" : "False";
  return control.value;
}

each("form:has([data-when])", (form) => {
  const show = () => {
    for (const field of form.querySelectorAll("[data-when]")) {
      const when = JSON.parse(field.dataset.when);
      const wanted = Object.entries(when).every(([name, values]) => values.includes(valueOf(form, name)));
      field.hidden = !wanted;
      for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = !wanted;
    }
  };
  form.addEventListener("change", show);
  form.addEventListener("input", show);
  form.addEventListener("htmx:afterSettle", show);
  show();
});
