// The tour: four steps that open a tab and set its controls as a visitor would, by clicks and by moving sliders.

const STEPS = [
  {
    tab: "compare",
    title: "Smooth",
    words: "Both pictures come from the same small photo. Drag the line between them: a network trained for the best "
      + "score pixel by pixel (PSNR) draws edges well, but fur, grass and cloth come out smooth.",
    target: "#viewer .v-stage-side, #run",
    set: () => { window.declossRun("compare"); return true; },
  },
  {
    tab: "playground",
    title: "Why",
    words: "Several details shrink to the same small picture. The answer with the least error is the average of all "
      + "that fit, which looks like none of them: watch a small network find it.",
    target: "#toy-stage, #toy-output",
    set: () => press("#toy-presets button", "MSE") || press("#toy-play"),
  },
  {
    tab: "frequency",
    title: "Frequency",
    words: "DECLoss first turns down what is easy, the brightness and coarse shapes. At a low μ only the finest "
      + "detail is left, where the smooth picture differs most: move μ and see.",
    target: "#frequency-mask",
    set: () => slide("#frequency-mu", 0.1),
  },
  {
    tab: "contrast",
    title: "Contrast",
    words: "Then it compares small squares of the picture: those alike enough are pulled together, all others pushed "
      + "apart, which is meant to make an average the wrong answer. η says how alike is enough: move it.",
    target: "#contrast-pair, #contrast-hr",
    set: () => press('#contrast-by input[value="share"]') && slide("#contrast-share", 10),
  },
];
const PATIENCE = 20000; // milliseconds that a tab gets to show what a step needs
const SETTLING = 4000; // milliseconds in which a tab is filled and things move
const HOLDING = 1000; // milliseconds in which Gradio may give a slider that was drawn just now its value once more
const MARGIN = 12; // pixels

let step = -1; // -1: there is no tour
let before = ""; // the address at its start
let still = true; // the visitor has not scrolled since the step began
let focused = null; // what had the focus then
let moved = null; // the value from which the step has moved its slider, and when

const make = (kind, id, text) => Object.assign(document.createElement(kind), { id, textContent: text });
const card = make("section", "tour", "");
const heading = make("h2", "tour-title", "");
const words = make("p", "tour-words", "");
const buttons = make("div", "tour-buttons", "");
const back = make("button", "tour-back", "Back");
const next = make("button", "tour-next", "Next");
const end = make("button", "tour-end", "End");
const undo = make("button", "tour-undo", "End and put the page back");
const attributes = { role: "dialog", "aria-modal": "false", "aria-labelledby": "tour-title", "aria-describedby": "tour-words" };
Object.entries({ ...attributes, tabindex: "-1" }).forEach(([name, value]) => card.setAttribute(name, value));
words.setAttribute("aria-live", "polite");
[back, next, end, undo].forEach((button) => { button.type = "button"; });
buttons.append(back, next, end, undo);
card.append(heading, words, buttons);

const isSeen = (node) => node.getClientRects().length > 0;
const seen = (selector) => [...document.querySelectorAll(selector)].find(isSeen);

function press(selector, text = "") {
  const found = [...document.querySelectorAll(selector)].find((node) => isSeen(node) && node.textContent.includes(text));
  found?.click();
  return Boolean(found);
}

function slide(selector, value) {
  const range = seen(`${selector} input[type=range]`);
  if (!range) return false;
  if (moved && range.value !== moved.from) return Number(range.value) !== value || performance.now() > moved.at + HOLDING;
  moved = { from: range.value, at: performance.now() };
  range.value = String(value);
  ["input", "change"].forEach((name) => range.dispatchEvent(new Event(name, { bubbles: true })));
  range.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  return Number(moved.from) === value;
}

function openTab(tab) {
  const button = seen(`[role=tab][data-tab-id="${tab}"]`);
  if (!button) window.declossOpen(`?tab=${tab}`);
  else if (button.getAttribute("aria-selected") !== "true") button.click();
}

// Tries again until ``act`` is true; never for a step that was left. A slider that went back is moved again, and left alone
// once it is somewhere else, where the visitor has moved it.
function soon(act, until = performance.now() + PATIENCE) {
  const of = step;
  if (!act() && performance.now() < until) setTimeout(() => of === step && soon(act, until), 100);
}

// The card lies at the bottom: what it speaks of is moved above it, again while the tab is being filled and things move,
// until the visitor scrolls.
function bringIntoView(selector, until = performance.now() + PATIENCE, found = false) {
  const of = step;
  const target = selector.split(", ").map(seen).find(Boolean);
  const limit = target && !found ? performance.now() + SETTLING : until;
  if (target) {
    const { top, bottom } = target.getBoundingClientRect();
    const room = card.getBoundingClientRect().top - MARGIN;
    // As little as shows all of it, or else its top: what it was while the tab was filled does not count.
    scrollTo(0, scrollY + Math.min(bottom - room, top - MARGIN));
  }
  if (performance.now() > limit) return;
  setTimeout(() => of === step && still && bringIntoView(selector, limit, found || Boolean(target)), 150);
}

function write() {
  const { title, words: text } = STEPS[step];
  heading.textContent = `${step + 1} of ${STEPS.length}: ${title}`;
  words.textContent = text;
  back.disabled = step === 0;
  next.hidden = step === STEPS.length - 1;
}

function go(to) {
  step = to;
  moved = null;
  const { tab, set, target } = STEPS[step];
  write();
  openTab(tab);
  soon(() => !set || (window.declossRestored && set()));
  still = true;
  bringIntoView(target);
  document.body.style.setProperty("--tour", `${card.offsetHeight}px`);
  (next.hidden ? end : next).focus({ preventScroll: true });
}

function start() {
  if (step >= 0) return card.focus();
  before = location.search;
  focused = document.activeElement;
  // Gradio lets rules inside "@media" reach only what lies in here.
  document.querySelector(".gradio-container .contain").append(card);
  document.body.classList.add("on-tour");
  go(0);
}

function stop(putBack) {
  step = -1;
  card.remove();
  document.body.classList.remove("on-tour");
  const address = new URLSearchParams(putBack ? before : location.search);
  if (address.get("view") === "tour") address.delete("view");
  address.delete("tour");
  const query = address.toString() ? `?${address}` : "";
  if (putBack) window.declossGo(query);
  else history.replaceState(null, "", query || location.pathname);
  (focused?.isConnected && focused !== document.body ? focused : document.querySelector("#tour-start"))?.focus();
}

back.addEventListener("click", () => go(step - 1));
next.addEventListener("click", () => go(step + 1));
end.addEventListener("click", () => stop(false));
undo.addEventListener("click", () => stop(true));
document.addEventListener("keydown", (event) => {
  if (step < 0 || event.defaultPrevented) return;
  const moved = { ArrowRight: step + 1, ArrowLeft: step - 1 }[event.key];
  if (event.key === "Escape") stop(false);
  else if (moved in STEPS && card.contains(event.target)) go(moved);
});
["wheel", "touchmove"].forEach((name) => addEventListener(name, () => { still = false; }, { passive: true }));
// The browser's own Back leads to the tab of another step: the card then speaks of that one, and sets nothing.
addEventListener("popstate", () => {
  const tab = new URLSearchParams(location.search).get("tab") ?? "compare";
  const found = STEPS.findIndex((each) => each.tab === tab);
  if (step < 0 || found < 0 || found === step) return;
  step = found;
  write();
});
document.addEventListener("click", (event) => { if (event.target.closest?.("#tour-start")) start(); });

let offered = false;
function startIfAsked() {
  const asked = new URLSearchParams(location.search);
  if (offered || !window.declossReady || (asked.get("view") !== "tour" && asked.get("tour") !== "1")) return;
  offered = true;
  start();
}
addEventListener("decloss-ready", startIfAsked);
startIfAsked();
