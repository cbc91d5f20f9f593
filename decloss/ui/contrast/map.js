// A click on a map of mini-patches chooses one: js_on_load of a gr.HTML whose value is maps of html.py.

element.addEventListener("click", (event) => {
  const map = event.target.closest(".map");
  const n = Number(map?.dataset.n);
  if (!n) return;
  const box = map.getBoundingClientRect();
  const place = (share) => Math.min(n, Math.max(1, Math.floor(share * n) + 1));
  const row = place((event.clientY - box.top) / box.height);
  const column = place((event.clientX - box.left) / box.width);
  trigger("select", { index: [row, column], value: null });
});
