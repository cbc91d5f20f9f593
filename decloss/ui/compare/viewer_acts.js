// This stands behind viewer.js and viewer_zoom.js, in one js_on_load, and ties what visitors do to what these two have.

// The line sweeps once by itself, unless the visitor asked for less motion or does something meanwhile.
function sweepOnce() {
  if (root.dataset.sweep) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  root.dataset.sweep = calm ? "none" : "running";
  if (calm) return;
  const start = performance.now();
  const step = (now) => {
    const share = within((now - start) / 3200, 0, 1);
    position = 50 + 40 * Math.sin(2 * Math.PI * share) * Math.min(1, 4 * share, 4 * (1 - share));
    drawLine();
    if (share < 1) sweeping = requestAnimationFrame(step);
    else stopSweep();
  };
  sweeping = requestAnimationFrame(step);
}

function stopSweep() {
  cancelAnimationFrame(sweeping);
  if (root.dataset.sweep === "running") root.dataset.sweep = "done";
}

// The original is shown while Space or its button is held

function holdOriginal(held) {
  if (!data) return;
  layers.hr.hidden = !held;
  $("held").hidden = !held;
  line.hidden = held;
  $("original").setAttribute("aria-pressed", String(held));
  if (held) setPicture(layers.hr.firstElementChild, known(HR) ? HR : LR);
}

const TAKEN = "input, textarea, select, button, a, summary, [contenteditable], [role=button], [role=tab], [role=option]";
const isSeen = () => {
  const box = stage.getBoundingClientRect();
  return box.height > 0 && box.bottom > 0 && box.top < window.innerHeight;
};
document.addEventListener("keydown", (event) => {
  if (event.code !== "Space" || event.target.closest?.(TAKEN) || !isSeen()) return;
  event.preventDefault(); // or the page would scroll
  stopSweep();
  holdOriginal(true);
});
document.addEventListener("keyup", (event) => { if (event.code === "Space") holdOriginal(false); });
window.addEventListener("blur", () => holdOriginal(false));
const button = $("original");
button.addEventListener("pointerdown", () => holdOriginal(true));
for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(end, () => holdOriginal(false));
button.addEventListener("keydown", (event) => { if (["Space", "Enter"].includes(event.code)) { event.preventDefault(); holdOriginal(true); } });
button.addEventListener("keyup", () => holdOriginal(false));
button.addEventListener("contextmenu", (event) => event.preventDefault());

const KEYS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
handle.addEventListener("keydown", (event) => {
  if (event.key === "+" || event.key === "-") return zoom(event.key === "+" ? 1.25 : 0.8);
  const step = KEYS[event.key];
  if (!step) return;
  event.preventDefault();
  moveLine((position + step * (event.shiftKey ? 5 : 1)) / 100);
});
for (const [side, select] of Object.entries(selects)) select.addEventListener("change", () => choose(side, select.value));
$("go").addEventListener("click", () => {
  document.getElementById("run-panel")?.scrollIntoView({ block: "start" });
  document.getElementById("run")?.focus({ preventScroll: true });
});
$("in").addEventListener("click", () => zoom(1.5));
$("out").addEventListener("click", () => zoom(1 / 1.5));
$("most").addEventListener("click", () => { stopSweep(); goWhereTheyDiffer(); });
$("pixels").addEventListener("change", () => {
  root.classList.toggle("pixelated", $("pixels").checked);
  write({ pixels: $("pixels").checked ? "1" : "" });
});
watchGestures(stage, {
  line: moveLine,
  pan,
  zoom,
  touched: stopSweep,
  gripsLine: (event) => {
    const box = stage.getBoundingClientRect();
    return Math.abs(event.clientX - box.left - (position / 100) * box.width) < 18;
  },
  canZoom: (factor) => data && (factor > 1 ? view.scale < MOST : view.scale > least() * 1.001),
});
new ResizeObserver(draw).observe(stage);
watch("value", load);
load();
