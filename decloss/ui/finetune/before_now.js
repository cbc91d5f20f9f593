// Two pictures under each other with a line between them that is dragged or moved by keys: js_on_load of a gr.HTML,
// whose value is {before, now, steps, place} as before_now.py makes it, or null.
const root = element.querySelector(".ft-slider");
const [stage, handle] = [root.querySelector(".ft-stage"), root.querySelector(".ft-handle")];
const [before, now] = [root.querySelector(".ft-before"), root.querySelector(".ft-now")];
const zoom = root.querySelector("input");
const KEYS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
let at = 50;

function move(share) {
  at = Math.min(100, Math.max(0, share));
  stage.style.setProperty("--at", `${at}%`);
  handle.setAttribute("aria-valuenow", String(Math.round(at)));
  handle.setAttribute("aria-valuetext", `${Math.round(at)} % before, ${Math.round(100 - at)} % now`);
}

function draw() {
  const value = props.value;
  root.hidden = !value?.before?.url || !value.now?.url;
  if (root.hidden) return;
  if (before.getAttribute("src") !== value.before.url) before.src = value.before.url;
  if (now.getAttribute("src") !== value.now.url) now.src = value.now.url;
  root.querySelector(".ft-tag-before").textContent = `Before: step ${value.steps[0]}`;
  root.querySelector(".ft-tag-now").textContent = `Now: step ${value.steps[1]}`;
  stage.style.setProperty("--place", `${value.place[0]}% ${value.place[1]}%`);
}

const follow = (event) => {
  const box = stage.getBoundingClientRect();
  move((100 * (event.clientX - box.left)) / box.width);
};
stage.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  stage.setPointerCapture(event.pointerId);
  handle.focus({ preventScroll: true });
  follow(event);
});
stage.addEventListener("pointermove", (event) => {
  if (stage.hasPointerCapture(event.pointerId)) follow(event);
});
handle.addEventListener("keydown", (event) => {
  if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  move(at + KEYS[event.key]);
});
zoom.addEventListener("input", () => {
  stage.style.setProperty("--zoom", zoom.value);
  root.querySelector("output").textContent = `×${zoom.value}`;
});
watch("value", draw);
move(at);
draw();
