// Shows a run of the playground: js_on_load of a gr.HTML, whose value is the JSON of decloss/ui/playground/view.py.
// The server computes faster than anyone can watch; what moves here goes through the computed steps at its own pace.

const root = element.querySelector(".toy-stage");
const $ = (name) => root.querySelector(name);
const [planeSvg, curvesSvg, numbers, verdict, speed] = [".toy-plane svg", ".toy-curves svg", "#toy-numbers", "#toy-verdict", "select"].map($);
const SECONDS = 6; // of a run, at the speed 1
const STEP_SECONDS = 0.12; // at most, so that a short run is shorter
const SIDE = 24;
const NS = "http://www.w3.org/2000/svg";
let data = null;
let head = 0; // the step that is shown, which may lie between two
let playing = false;
let clock = 0;
let frame = 0;
const read = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function load() {
  const value = props.value;
  if (!value || !value.run) return;
  // What an earlier turn of the same run tells late is of a run that was paused, or has begun anew.
  if (data && value.run === data.run && (value.turn < data.turn || (value.turn === data.turn && !playing))) return;
  const goesOn = data && playing && value.run === data.run && value.turn === data.turn;
  data = { ...value, pictures: value.pictures.map(read) };
  root.stage = data;
  mark();
  if (!goesOn) {
    head = data.since ?? data.at;
    playing = data.last !== null;
    clock = performance.now();
    still();
    cancelAnimationFrame(frame);
    if (playing) frame = requestAnimationFrame(move);
  }
  draw();
}

// The preset that all controls are set to is the one that is marked, however they came to be so.
function mark() {
  document.querySelectorAll("#toy-presets button").forEach((button, number) => {
    button.setAttribute("aria-pressed", String(number === data.preset));
  });
}

function move(now) {
  if (!playing) return;
  const [steps, passed] = [data.last - data.since, (now - clock) / 1000];
  clock = now;
  const lasts = Math.min(SECONDS, steps * STEP_SECONDS) / Number(speed.value);
  head = Math.min(data.at, head + (steps * Math.max(0, Math.min(passed, 0.25))) / lasts);
  if (head >= data.last) playing = false;
  draw();
  if (playing) frame = requestAnimationFrame(move);
}

// Called when anything is pressed, before the server is asked: stops here, and says at which step.
root.hold = () => {
  if (!data) return -1;
  if (playing) {
    head = Math.floor(head);
    playing = false;
    draw();
  }
  return Math.round(head);
};

// The moments around the head: the index of the earlier one, and how far it is to the next.
function moment() {
  let [low, high] = [0, data.steps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (data.steps[middle] <= head) low = middle; else high = middle - 1;
  }
  const next = data.steps[low + 1];
  return [low, next === undefined ? 0 : (head - data.steps[low]) / (next - data.steps[low])];
}

const mix = (values, [index, part]) => {
  const [a, b] = [values[index], values[part ? index + 1 : index]];
  if (a === null || b === null) return a; // there is no loss after the last step
  return typeof a === "number" ? a + (b - a) * part : Array.from(a, (value, i) => value + (b[i] - value) * part);
};

function paint(canvas, levels, side = SIDE) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  levels.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
  context.putImageData(image, 0, 0);
}

function make(parent, name, attributes = {}, text = "") {
  const node = parent.namespaceURI === NS || name === "svg" ? document.createElementNS(NS, name) : document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  if (text !== "") node.textContent = text;
  parent.append(node);
  return node;
}

// What stays as it is while a run moves: the details, and the frames of the drawings.
function still() {
  const strip = $(".toy-details");
  strip.replaceChildren();
  const add = (levels, title, words, colour, side) => {
    const figure = make(strip, "figure");
    const canvas = make(figure, "canvas", { role: "img", "aria-label": `Picture of ${title}` });
    paint(canvas, read(levels), side);
    const caption = make(figure, "figcaption", {}, title);
    if (colour) caption.style.setProperty("--mark", colour);
    make(caption, "small", {}, words);
  };
  add(data.lr, "LR", "of all", "", SIDE / 4);
  data.modes.forEach(({ picture, words }, k) => add(picture, `mode ${k + 1}`, words, data.colours[k]));
  add(data.mean, "mean", "for MSE", "var(--toy-mean)");
  add(data.median, "median", "for L1", "var(--toy-median)");
}

function draw() {
  if (!data) return;
  const at = moment();
  root.head = head;
  const pixels = mix(data.pictures, at);
  paint($("#toy-output canvas"), pixels);
  drawPlane(at);
  drawCurves(at);
  say(at);
}

function drawPlane(at) {
  const { modes, mean, median, plain } = data.plane;
  const shown = data.path.slice(0, at[0] + 1).concat([mix(data.path, at)]);
  const all = [...modes, ...data.path, plain];
  const middle = [0, 1].map((axis) => (Math.max(...all.map((p) => p[axis])) + Math.min(...all.map((p) => p[axis]))) / 2);
  const half = Math.max(0.1, ...all.flatMap((p) => p.map((value, axis) => Math.abs(value - middle[axis]))));
  const place = ([x, y]) => [200 + (155 * (x - middle[0])) / half, 200 - (155 * (y - middle[1])) / half].map((v) => v.toFixed(1));
  planeSvg.replaceChildren();
  const dot = (point, radius, attributes) => {
    const [cx, cy] = place(point);
    return make(planeSvg, "circle", { cx, cy, r: radius, ...attributes });
  };
  modes.forEach((point, k) => dot(point, 34 * Math.sqrt(data.modes[k].share), { fill: data.colours[k], opacity: 0.4 }));
  const cross = (point, lines, name) => {
    const [x, y] = place(point);
    make(planeSvg, "path", { d: lines, transform: `translate(${x} ${y})`, class: name });
  };
  cross(mean, "M-9 0H9M0-9V9", "toy-mean");
  cross(median, "M-7-7L7 7M-7 7L7-7", "toy-median");
  cross(plain, "M-5-5H5V5H-5Z", "toy-plain");
  const spread = data.spread.filter(([step]) => step <= head).pop();
  if (spread) spread[1].forEach((point, i) => dot(point, 3, { fill: data.colours[data.labels[i]], class: "toy-dot" }));
  make(planeSvg, "path", { d: "M" + shown.map((point) => place(point).join(" ")).join("L"), class: "toy-way" });
  dot(shown[shown.length - 1], 6, { class: "toy-now" });
  modes.forEach((point, k) => {
    const [x, y] = place(point);
    make(planeSvg, "text", { x, y: y - 8 - 34 * Math.sqrt(data.modes[k].share), "text-anchor": "middle" }, `mode ${k + 1}`);
  });
}

// Three small diagrams over the steps, below each other.
function drawCurves(at) {
  const last = Math.max(10, data.last ?? data.at);
  const x = (step) => (44 + (346 * step) / last).toFixed(1);
  curvesSvg.replaceChildren();
  for (const step of data.changes.filter((step) => step <= head)) make(curvesSvg, "path", { d: `M${x(step)} 20V372`, class: "toy-change" });
  const panel = (top, bottom, title, values, lines) => {
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (high - low < 1e-3) [low, high] = [low - 0.01, high + 0.01]; // a constant must not show its rounding as movement
    const y = (value) => (bottom - ((bottom - top) * (value - low)) / (high - low)).toFixed(1);
    make(curvesSvg, "path", { d: `M44 ${top}V${bottom}H390`, class: "toy-axis" });
    make(curvesSvg, "text", { x: 44, y: top - 6 }, title);
    [[high, top + 10], [low, bottom]].forEach(([value, place]) =>
      make(curvesSvg, "text", { x: 40, y: place, "text-anchor": "end", class: "toy-tick" }, short(value, high - low)));
    lines(y);
  };
  const line = (points, y, attributes) => {
    const d = points.filter(([step, value]) => step <= head && value !== null).map(([step, value]) => `${x(step)} ${y(value)}`);
    if (d.length) make(curvesSvg, "path", { d: "M" + d.join("L"), ...attributes });
  };
  const series = (values) => data.steps.map((step, i) => [step, values[i]]).filter(([step]) => step < head).concat([[head, mix(values, at)]]);
  panel(24, 150, "distance to each mode; dashed: to the mean", [0, ...data.to_modes.flat(), ...data.to_mean], (y) => {
    data.colours.forEach((stroke, k) => line(series(data.to_modes.map((row) => row[k])), y, { stroke, class: "toy-line" }));
    line(series(data.to_mean), y, { class: "toy-line toy-mean", "stroke-dasharray": "5 4" });
  });
  const losses = data.loss.filter((value) => value !== null);
  panel(184, 262, "loss ↓ is what training lowers", losses.length ? losses : [0], (y) => losses.length && line(series(data.loss), y, { class: "toy-line" }));
  panel(296, 372, "ICOO, dB: here ↑ is sharper, see below", [data.icoo_hr, ...data.icoo.map(([, value]) => value)], (y) => {
    make(curvesSvg, "path", { d: `M44 ${y(data.icoo_hr)}H390`, class: "toy-hr" });
    line(data.icoo, y, { class: "toy-line" });
  });
  make(curvesSvg, "text", { x: 44, y: 390, class: "toy-tick" }, "0");
  make(curvesSvg, "text", { x: 390, y: 390, "text-anchor": "end", class: "toy-tick" }, `step ${last}`);
}

const short = (value, range) => value.toFixed(Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(range)))));

function say(at) {
  const step = Math.floor(head);
  const [toModes, toMean, toMedian] = [data.to_modes, data.to_mean, data.to_median].map((values) => mix(values, at));
  const least = Math.min(...toModes);
  const status = playing ? (head >= data.at && data.at < data.last ? `Step ${step} of ${data.last}, computing …` : `Step ${step} of ${data.last} …`)
    : data.last !== null && head >= data.last ? `Done: ${step} steps.` : step ? `Paused at step ${step}.` : "Ready: press Play.";
  const line = $(".toy-status");
  line.setAttribute("aria-live", playing ? "off" : "polite"); // or each step would be read out
  line.textContent = status;
  const [middle, toMiddle] = toMedian < toMean ? ["median", toMedian] : ["mean", toMean];
  const near = least <= toMiddle ? `mode ${toModes.indexOf(least) + 1}` : `the ${middle}`;
  const found = least < 0.02 ? "it is one of the details" : least <= toMiddle ? "closer to a detail than to their mean or median"
    : toMiddle < 0.02 ? `none of the details, but their ${middle}` : "between the details, where none of them is";
  verdict.replaceChildren("The output is nearest to ", make(verdict, "strong", {}, near), `: ${found}.`);
  $(".toy-pairs").textContent = data.pairs;
  const [table, cosines] = [$("#toy-numbers table"), mix(data.cosines, at)];
  table.replaceChildren();
  const titles = make(make(table, "thead"), "tr");
  ["", "RMS distance of output", "cosine S of output", "cosine S of mean"].forEach((title) => make(titles, "th", { scope: "col" }, title));
  const rows = toModes.map((far, k) => [`mode ${k + 1}`, far, cosines[k], data.cosines_of_mean[k]]);
  const body = make(table, "tbody");
  for (const [name, ...values] of [...rows, ["mean", toMean], ["median", toMedian]]) {
    const row = make(body, "tr");
    make(row, "th", { scope: "row" }, name);
    [0, 1, 2].forEach((i) => make(row, "td", {}, values[i] === undefined ? "" : values[i].toFixed(3)));
  }
}

watch("value", load);
load();
