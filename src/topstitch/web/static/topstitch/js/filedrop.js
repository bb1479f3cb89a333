// A place to drop a file on; without this it is the browser's own file field.
import { each } from "./dom.js";

const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

each(".drop", (drop) => {
  const field = drop.querySelector("input[type=file]");
  const words = drop.querySelector("[data-dropped]");
  const usual = words.textContent;
  const show = () => {
    const files = [...field.files];
    words.textContent = files.length ? files.map((file) => `${file.name} (${size(file.size)})`).join(", ") : usual;
    drop.classList.toggle("filled", files.length > 0);
  };
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("change", show);
  show();
});
