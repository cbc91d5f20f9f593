// A click on a network chooses it for the right side of the viewer, Enter or Space as well where a point has the focus:
// js_on_load of the plot (tradeoff.py) and of the table (score_table.py).

const named = (event) => event.target.closest("[data-name]");

function choose(chosen) {
  const name = chosen.dataset.name;
  for (const other of element.querySelectorAll("[data-name]")) other.setAttribute("aria-pressed", String(other.dataset.name === name));
  trigger("select", { index: 0, value: name });
}

element.addEventListener("click", (event) => {
  const chosen = named(event);
  if (chosen) choose(chosen);
});
element.addEventListener("keydown", (event) => {
  const chosen = named(event);
  if (!chosen || chosen.tagName === "BUTTON" || (event.key !== "Enter" && event.key !== " ")) return; // a button clicks by itself
  event.preventDefault();
  choose(chosen);
});

// A point and its sentence light up together.
function light(event) {
  const name = named(event)?.dataset.name;
  for (const other of element.querySelectorAll("[data-name]")) other.classList.toggle("lit", other.dataset.name === name);
}
for (const kind of ["pointerover", "focusin"]) element.addEventListener(kind, light);
element.addEventListener("pointerleave", light);
