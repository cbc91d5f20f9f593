// Links with ?view=show open one tab's figure alone and run what it needs; style.css says what of each tab stays.

const SHOW = "show";
const WAIT_FOR_RESULTS = 1500; // milliseconds that the tab gets to fill itself
// What runs each tab, and what is there once it has results.
const STARTS = {
  compare: { button: "#run", filled: () => document.querySelector("#viewer .v-layer img[src]") },
  coo: { button: "#coo-run", filled: () => document.querySelector(".coo-empty")?.textContent === "" },
  playground: { button: "#toy-play" },
};
const started = new Set();

const controls = document.createElement("a");
controls.id = "show-controls";
controls.textContent = "Show the controls";
controls.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.replaceState(null, "", controls.href);
  applyView();
  document.querySelector("[role=tab][aria-selected=true]")?.focus();
});

function applyView() {
  const asked = new URLSearchParams(location.search);
  const alone = asked.get("view") === SHOW;
  document.body.classList.toggle("view-show", alone);
  if (!alone) return controls.remove();
  asked.delete("view");
  controls.href = `${location.pathname}?${asked}`;
  document.querySelector(".gradio-container").append(controls);
  runOnce(asked.get("tab") ?? "compare");
}

function runOnce(tab) {
  if (!window.declossReady || !window.declossRestored || started.has(tab)) return;
  started.add(tab);
  window.declossRun(tab);
}

// Presses the button that fills a tab, unless the tab fills itself.
window.declossRun = (tab, since = performance.now()) => {
  const { button, filled } = STARTS[tab] ?? {};
  if (!button || filled?.()) return;
  const run = document.querySelector(button);
  if (run && !run.disabled && (!filled || performance.now() - since > WAIT_FOR_RESULTS)) run.click();
  else setTimeout(() => window.declossRun(tab, since), 100);
};

// The address changed; the controls have its values; the place is cut out and the open tab is filled.
["decloss-moved", "decloss-restored", "decloss-ready"].forEach((name) => addEventListener(name, applyView));
applyView();
