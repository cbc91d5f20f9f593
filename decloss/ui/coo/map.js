// Draws the map of mini-patches and moves its points while t-SNE runs. With patches.js before it this is js_on_load of a
// gr.HTML, whose value is one of these: the JSON of decloss/figures/embedding.py; {move}, where the points are meanwhile;
// {stopped}. JSON without a map tells that the controls have changed: the map that is there stays, and is marked as old.

const REACH = 18; // CSS pixels within which a point is hit
const MARGIN = 22;
const EVERY = 350; // milliseconds from one position of the points to the next
const steady = window.matchMedia("(prefers-reduced-motion: reduce)");
let kept = null; // the last finished map, with what it was of
let moving = false; // t-SNE runs
let resting = 0; // until when nothing is drawn
let motion = null; // {from, to, since, lasts}: where the points were and will be, and for how long they move

function load() {
  const value = props.value;
  if (value && value.move) return moving && aim(value.move);
  if (value && value.stopped) {
    if (!moving) return undefined;
    moving = false;
    if (kept) return put(kept, "This is the map that was there before.");
    return put({ ...data, hr: { ...data.hr, xy: null } });
  }
  const finished = Boolean(value && value.side && value.hr.xy);
  if (!finished && value && value.old && kept) {
    moving = false; // positions that still come are not those of this map
    return put(kept, value.old);
  }
  const was = moving && finished ? points.map(({ xy }) => xy) : null;
  moving = Boolean(value && value.moving);
  if (finished) kept = value;
  put(value && value.side ? value : null);
  if (was && was.length === points.length && was[0]) animate(was, points.map(({ xy }) => xy), 600);
  return undefined;
}

// Shows ``value``; with a sentence that says why it is old, if it is.
function put(value, old = "") {
  motion = null;
  root.classList.toggle("blank", !value);
  root.classList.toggle("old", Boolean(old));
  oldLine.hidden = !old;
  oldLine.textContent = old;
  if (value && value === data && points.length) return draw();
  data = value;
  sheet = null;
  points = [];
  chosen = null;
  pointed = false;
  if (!data) return draw();
  const add = (kind, part, series) => part.at.forEach((at, index) =>
    points.push({ kind, index, series, at, xy: part.xy && part.xy[index] }));
  add("hr", data.hr);
  add("truth", data.truths);
  data.series.forEach((series) => add("sr", series, series));
  fillLegend();
  fillWords();
  const image = new Image();
  image.onload = () => {
    if (data !== value) return; // another map came meanwhile
    sheet = image;
    show(find("truth", 0));
  };
  image.src = data.sheet;
  return draw();
}

// Where the points are on their way: x and y in turn, 0 to 1000.
function aim(flat) {
  if (flat.length !== 2 * points.length) return;
  const to = points.map((_, i) => [flat[2 * i] / 1000, flat[2 * i + 1] / 1000]);
  animate(points.map(({ xy }, i) => xy || to[i]), to, EVERY);
}

function animate(from, to, lasts) {
  const idle = !motion;
  motion = { from, to, since: performance.now(), lasts: steady.matches ? 0 : lasts };
  root.moved = (root.moved || 0) + 1;
  if (idle) requestAnimationFrame(step);
}

function step(now) {
  if (!motion) return undefined;
  // On a slow machine it moves in fewer steps: two thirds of the time are left for whatever else is done on the page.
  if (now < resting) return requestAnimationFrame(step);
  const { from, to, since, lasts } = motion;
  const part = lasts ? Math.min(1, Math.max(0, now - since) / lasts) : 1;
  points.forEach((point, i) => { point.xy = from[i].map((v, axis) => v + (to[i][axis] - v) * part); });
  if (part === 1) motion = null;
  const began = performance.now();
  draw();
  resting = now + 3 * (performance.now() - began);
  if (motion) requestAnimationFrame(step);
  return undefined;
}

const find = (kind, index, series) => points.find((p) => p.kind === kind && p.index === index && p.series === series);

function draw() {
  const mapped = Boolean(points.length && points[0].xy);
  empty.textContent = mapped ? "" : moving ? "The first positions are being found …"
    : data ? "No map yet: press Embed." : "Choose a photo of at least 64 pixels a side.";
  save.hidden = !mapped || moving;
  const [context, width, height] = prepare(plot);
  root.plotted = [];
  if (mapped && width) {
    const side = Math.min(width, height * 1.5) - 2 * MARGIN;
    const tall = Math.max(...points.map(({ xy }) => Math.abs(xy[1] - 0.5)), 1e-3) * 2;
    const scale = Math.min(side, (height - 2 * MARGIN) / tall);
    const place = ([x, y]) => [width / 2 + (x - 0.5) * scale, height / 2 + (y - 0.5) * scale];
    root.plotted = points.map((point) => ({ point, place: place(point.xy) }));
    drawMap(context, new Map(root.plotted.map(({ point, place }) => [point, place])));
  }
  if (!motion) drawCrop();
}

function drawMap(context, at) {
  const ink = colour("--coo-ink");
  context.fillStyle = colour("--coo-hr");
  context.beginPath(); // one path for all: thousands of small ones would take most of the time while they move
  for (const point of points.slice(0, data.hr.at.length)) {
    const [x, y] = at.get(point);
    if (moving) context.rect(x - 2, y - 2, 4, 4);
    else {
      context.moveTo(x + 2.4, y);
      context.arc(x, y, 2.4, 0, 2 * Math.PI);
    }
  }
  context.fill();
  for (const point of points.filter(({ kind }) => kind === "sr")) {
    const faint = pointed && chosen.kind !== "hr" && chosen.index !== point.index;
    context.globalAlpha = faint ? 0.4 : 0.9;
    context.strokeStyle = point.series.colour;
    context.lineWidth = faint ? 1 : 1.8;
    context.beginPath();
    context.moveTo(...at.get(point));
    context.lineTo(...at.get(points[data.hr.at.length + point.index]));
    context.stroke();
  }
  context.globalAlpha = 1;
  if (chosen && chosen.kind === "sr" && !moving) drawNeighbours(context, at, ink);
  for (const point of points.filter(({ kind }) => kind !== "hr")) {
    const { corners, turn, colour: fill } = point.series || {};
    mark(context, ...at.get(point), point.kind === "truth" ? 6.5 : 4.5, corners, turn);
    context.fillStyle = fill || colour("--coo-paper");
    if (point.kind === "sr") context.fill();
    context.strokeStyle = point.kind === "truth" ? ink : colour("--coo-paper");
    context.lineWidth = point.kind === "truth" ? 2 : 1;
    context.stroke();
  }
  if (chosen) {
    mark(context, ...at.get(chosen), 11);
    context.strokeStyle = ink;
    context.lineWidth = 2.5;
    context.stroke();
  }
}

// Those that are nearest in truth, wherever the map has put them.
function drawNeighbours(context, at, ink) {
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  for (const index of chosen.series.neighbours[chosen.index]) {
    const neighbour = at.get(find("hr", index));
    context.beginPath();
    context.moveTo(...at.get(chosen));
    context.lineTo(...neighbour);
    context.stroke();
    mark(context, ...neighbour, 3.2);
    context.fill();
  }
  context.setLineDash([]);
}

// The crop, all ground truths framed, the chosen mini-patch most.
function drawCrop() {
  if (!data || !sheet) return;
  const [context, width] = prepare(where);
  const unit = width / data.side;
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet, 0, 0, data.side, data.side, 0, 0, width, width);
  const frame = ([x, y], line, ink) => {
    context.lineWidth = line;
    context.strokeStyle = ink;
    context.strokeRect(x * unit, y * unit, data.size * unit, data.size * unit);
  };
  data.truths.at.forEach((at) => { frame(at, 3, "#000c"); frame(at, 1.5, "#fff"); });
  if (!chosen) return;
  const at = chosen.kind === "sr" ? data.truths.at[chosen.index] : chosen.at;
  frame(at, 6, "#000");
  frame(at, 3, "#ffd400");
}

function choose(point) {
  if (!point || !sheet || (pointed && point === chosen)) return;
  pointed = true;
  show(point);
}

function show(point) {
  chosen = point;
  fillCard();
  draw();
}

plot.addEventListener("pointermove", pointAt);
plot.addEventListener("pointerdown", pointAt);
function pointAt(event) {
  const box = plot.getBoundingClientRect();
  let [best, reach] = [null, REACH];
  for (const { point, place } of root.plotted) {
    // What lies on top is easier to hit.
    const far = Math.hypot(event.clientX - box.left - place[0], event.clientY - box.top - place[1]) + (point.kind === "hr" ? 4 : 0);
    if (far <= reach) [best, reach] = [point, far];
  }
  choose(best);
}

where.addEventListener("pointerdown", (event) => {
  const box = where.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((v) => (v * data.side) / box.width - data.size / 2);
  const far = data.truths.at.map((at) => Math.hypot(at[0] - x, at[1] - y));
  choose(find("truth", far.indexOf(Math.min(...far))));
});

plot.addEventListener("keydown", (event) => {
  const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key] || 0;
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] || 0;
  if (!data || !(along || down)) return;
  event.preventDefault();
  const count = data.truths.at.length;
  const layers = [undefined, ...data.series];
  const at = chosen && chosen.kind !== "hr" ? chosen : { index: 0 };
  const index = (at.index + along + count) % count;
  const series = layers[(layers.indexOf(at.series) + down + layers.length) % layers.length];
  choose(find(series ? "sr" : "truth", index, series));
});

new ResizeObserver(draw).observe(root);
new MutationObserver(() => { // the theme, of which the inks are
  if (data) fillLegend();
  draw();
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
watch("value", load);
load();
