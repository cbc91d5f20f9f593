// Draws the map of mini-patches: js_on_load of a gr.HTML, whose value is the JSON of decloss/figures/embedding.py.
// Nothing is asked of the server: the patches lie on one sheet, the crop with the networks' mini-patches below it.

const root = element.querySelector(".coo-map");
const [plot, where] = root.querySelectorAll("canvas");
const [empty, legend, card] = [".coo-empty", ".coo-legend", ".coo-card"].map((name) => root.querySelector(name));
const REACH = 18; // CSS pixels within which a point is hit
const MARGIN = 22;
let data = null;
let sheet = null;
let points = []; // {kind: "hr" | "truth" | "sr", index, series, at: [x, y] on the sheet, xy: in the unit square}
let chosen = null; // one of points
let pointed = false; // a visitor chose it: the others fade

function load() {
  data = props.value && props.value.side ? props.value : null;
  sheet = null;
  points = [];
  chosen = null;
  pointed = false;
  root.classList.toggle("blank", !data);
  if (!data) return draw();
  const add = (kind, part, series) => part.at.forEach((at, index) =>
    points.push({ kind, index, series, at, xy: part.xy && part.xy[index] }));
  add("hr", data.hr);
  data.series.forEach((series) => add("sr", series, series));
  add("truth", data.truths);
  fillLegend();
  const image = new Image();
  image.onload = () => { sheet = image; show(find("truth", 0)); };
  image.src = data.sheet;
}

const find = (kind, index, series) => points.find((p) => p.kind === kind && p.index === index && p.series === series);
const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// Size a canvas for its place on the page, sharp on any screen; gives its context and size in CSS pixels.
function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return [context, width, height];
}

// A disc, or a polygon of so many corners, around (x, y).
function mark(context, x, y, radius, corners = 0, turn = 0) {
  context.beginPath();
  if (!corners) context.arc(x, y, radius, 0, 2 * Math.PI);
  for (let i = 0; i < corners; i++) {
    const angle = (2 * Math.PI * (i + turn)) / corners + Math.PI / (corners === 4 ? 4 : 2);
    context.lineTo(x + 1.2 * radius * Math.cos(angle), y + 1.2 * radius * Math.sin(angle));
  }
  context.closePath();
}

function draw() {
  const mapped = Boolean(data && data.hr.xy);
  empty.textContent = mapped ? "" : data ? "No map yet: press Embed." : "Choose a photo of at least 64 pixels a side.";
  const [context, width, height] = prepare(plot);
  root.plotted = [];
  if (mapped && width) {
    const side = Math.min(width, height * 1.5) - 2 * MARGIN;
    const tall = Math.max(...points.map(({ xy }) => Math.abs(xy[1] - 0.5))) * 2;
    const scale = Math.min(side, (height - 2 * MARGIN) / tall);
    const place = ([x, y]) => [width / 2 + (x - 0.5) * scale, height / 2 + (y - 0.5) * scale];
    root.plotted = points.map((point) => ({ point, place: place(point.xy) }));
    drawMap(context, new Map(root.plotted.map(({ point, place }) => [point, place])));
  }
  drawCrop();
}

function drawMap(context, at) {
  const ink = colour("--coo-ink");
  context.fillStyle = colour("--coo-hr");
  for (const point of points.filter(({ kind }) => kind === "hr")) {
    mark(context, ...at.get(point), 2.4);
    context.fill();
  }
  for (const point of points.filter(({ kind }) => kind === "sr")) {
    const faint = pointed && chosen.kind !== "hr" && chosen.index !== point.index;
    context.globalAlpha = faint ? 0.4 : 0.9;
    context.strokeStyle = point.series.colour;
    context.lineWidth = faint ? 1 : 1.8;
    context.beginPath();
    context.moveTo(...at.get(point));
    context.lineTo(...at.get(find("truth", point.index)));
    context.stroke();
  }
  context.globalAlpha = 1;
  if (chosen && chosen.kind === "sr") drawNeighbours(context, at, ink);
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

function fillLegend() {
  const entries = [["HR", colour("--coo-hr"), 0, 0], ["ground truth", null, 0, 0],
    ...data.series.map(({ name, colour: fill, corners, turn }) => [name, fill, corners, turn])];
  legend.replaceChildren(...entries.map(([name, fill, corners, turn]) => {
    const [entry, canvas] = [document.createElement("span"), document.createElement("canvas")];
    canvas.width = canvas.height = 32;
    const context = canvas.getContext("2d");
    mark(context, 16, 16, 10, corners, turn);
    context.fillStyle = fill;
    context.strokeStyle = colour("--coo-ink");
    context.lineWidth = 4;
    if (fill) context.fill(); else context.stroke();
    entry.append(canvas, name);
    return entry;
  }));
}

// A mini-patch of the sheet, enlarged.
function picture([x, y], name) {
  const [figure, canvas, caption] = ["figure", "canvas", "figcaption"].map((tag) => document.createElement(tag));
  canvas.width = canvas.height = data.size;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  canvas.getContext("2d").drawImage(sheet, x, y, data.size, data.size, 0, 0, data.size, data.size);
  caption.textContent = name;
  figure.append(canvas, caption);
  return figure;
}

function fillCard() {
  const [title, row, words] = ["strong", "div", "p"].map((tag) => document.createElement(tag));
  row.className = "coo-patches";
  const { kind, index, series, at } = chosen;
  if (kind === "hr") {
    title.textContent = `HR mini-patch, ${at[0]} from the left and ${at[1]} from the top`;
    row.append(picture(at, "HR"));
  } else {
    const name = kind === "truth" ? "what the networks make of it" : series.name;
    title.textContent = `Ground truth ${index + 1} of ${data.truths.at.length}: ${name}`;
    const truth = picture(data.truths.at[index], "ground truth");
    if (kind === "truth") row.append(truth, ...data.series.map((other) => picture(other.at[index], other.name)));
    else {
      const [nearest, centre, far] = series.distances[index];
      const neighbours = series.neighbours[index];
      row.append(picture(at, series.name), truth, picture(data.hr.at[neighbours[0]], "nearest HR"),
        picture(series.centres[index], `centre of ${neighbours.length}`));
      words.textContent = `Distance to the nearest HR ${nearest}, to the centre ${centre}, to the ground truth ${far}. ` +
        (centre < nearest ? "Nearer to the centre than to any single one." : "Nearer to one HR than to the centre.");
    }
  }
  card.replaceChildren(title, row, words);
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
watch("value", load);
load();
