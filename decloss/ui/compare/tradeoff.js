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

// The network on the viewer's right side is the one that is pressed, also in a plot or a table that comes later.
function mark() {
  const right = document.querySelector("#viewer [data-right]")?.dataset.right;
  for (const each of element.querySelectorAll("[data-name]")) each.setAttribute("aria-pressed", String(each.dataset.name === right));
}
document.addEventListener("decloss:pair", mark);
new MutationObserver(mark).observe(element, { childList: true, subtree: true });
mark();
