// A click on a network chooses it for the right side of the viewer, Enter or Space as well where a point has the focus:
// js_on_load of the plot (tradeoff.py) and of the table (score_table.py).

const named = (event) => event.target.closest("[data-name]");

const choose = (chosen) => trigger("select", { index: 0, value: chosen.dataset.name });

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
