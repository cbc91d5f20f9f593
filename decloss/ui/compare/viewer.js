// The first screen of Compare: js_on_load of a gr.HTML whose value is what decloss/ui/compare/viewer.py describes, with
// {x, y, left, right, zoom, pixels, shown}: the place in per cent, both names, the view, and the photo that is chosen.
// The server is asked for nothing: what a visitor does is written into the value, and an "input" event passes it on.

const $ = (name) => element.querySelector(`.v-${name}`);
const [root, stage, line, handle, strip, scores] = ["root", "stage", "line", "handle", "strip", "scores-side"].map($);
const layers = { left: $("layer-left"), right: $("layer-right"), hr: $("layer-hr") };
const selects = { left: $("left"), right: $("right") };
const frame = makeFrame($("photo"), { label: "The part that is enlarged", moved: followFrame, released: tell });

const [LR, HR] = ["LR", "HR"];
const FIRST_WIDTH = 300; // picture pixels across the stage at first, for which Python has found the first place
const [LEAST, MOST, LEAST_FIRST] = [0.1, 40, 2]; // enlargements: screen pixels for a pixel of the pictures
const TILE = 0.5; // a tile of the strip is enlarged by this share of the stage's enlargement
const SETTLED = 250; // ms after the last move at which the others are told
const METRICS = [
  ["PSNR", "near pixel by pixel, in dB: higher is better", 2, 1],
  ["SSIM", "alike in structure, at most 1: higher is better", 3, 1],
  ["LPIPS", "far apart as people see it: lower is better", 3, -1],
];

let data = null; // the value that is shown
let pair = { left: LR, right: HR };
const view = { x: 0.5, y: 0.5, scale: 0 }; // the middle as shares of the picture, and screen pixels for each of its pixels
let position = 50; // of the line, in per cent
let told = {}; // x, y, zoom as they were last told or heard
let zoomed = false; // by hand or by the address
let settling = 0;
let drawing = 0;
let sweeping = 0;

// The server's part of the value

const address = (name) => {
  const base = (window.gradio_config?.root || document.baseURI).replace(/[?#].*$/, "").replace(/\/?$/, "/");
  return base + data.pictures[name];
};
const title = (name) => data.titles[name] || name;
const known = (name) => Object.hasOwn(data.pictures, name);

function load() {
  const value = props.value;
  if (!value?.pictures) return;
  const photoBefore = data && data.photo !== value.photo ? data.photo : null;
  data = value;
  const names = data.names.length ? data.names : Object.keys(data.pictures);
  pair = {
    left: known(value.left) ? value.left : names[0],
    right: known(value.right) ? value.right : names[names.length - 1],
  };
  const wanted = [value.left, value.right].some((name) => data.waiting.includes(name));
  $("wait").hidden = !wanted;
  root.dataset.photo = data.photo;
  root.style.setProperty("--ratio", `${data.size[0]} / ${data.size[1]}`);
  markOld(Boolean(value.shown) && value.shown !== data.photo);
  $("pixels").checked = value.pixels === "1";
  root.classList.toggle("pixelated", value.pixels === "1");
  hear(value, photoBefore);
  fillSelects();
  showPair();
  fillStrip();
  draw();
}

// Take over the place and the zoom, unless they are what this viewer has told itself.
function hear(value, photoBefore) {
  const [left, top, width, height] = data.window;
  const isNew = told.x === undefined || Math.abs(value.x - told.x) > 0.01 || Math.abs(value.y - told.y) > 0.01;
  if (isNew || photoBefore !== null) {
    view.x = (value.x / 100 - left) / width;
    view.y = (value.y / 100 - top) / height;
    Object.assign(told, { x: value.x, y: value.y });
  }
  if (value.zoom && value.zoom !== told.zoom) {
    view.scale = Number(value.zoom);
    zoomed = true;
    told.zoom = value.zoom;
  }
  if (photoBefore !== null && !new URLSearchParams(window.location.search).has("x")) whenLoaded(goWhereTheyDiffer);
}

function markOld(old) {
  $("old").hidden = !old;
  for (const name of ["compare-first", "compare-below"]) document.getElementById(name)?.classList.toggle("of-photo-before", old);
}

function fillSelects() {
  const names = [...data.names, HR, LR].filter(known);
  for (const [side, select] of Object.entries(selects)) {
    const present = [...select.options].map((option) => option.value);
    if (present.join() !== names.join()) {
      select.replaceChildren(...names.map((name) => new Option(title(name), name)));
    }
    select.value = pair[side];
    $(`small-${side}`).textContent = data.small[pair[side]] || "";
  }
}

function setPicture(image, name) {
  if (image.dataset.address === data.pictures[name]) return;
  image.dataset.address = data.pictures[name];
  image.src = address(name);
}

function showPair() {
  for (const side of ["left", "right"]) {
    const image = layers[side].firstElementChild;
    setPicture(image, pair[side]);
    image.alt = `${title(pair[side])}, on the ${side} side`;
  }
  const original = known(HR) ? HR : LR;
  layers.hr.firstElementChild.alt = title(original);
  $("held").textContent = title(original);
  $("original").textContent = known(HR) ? "Hold for the original" : "Hold for the input";
  setPicture($("photo").firstElementChild, original);
  whenLoaded(() => {
    setPicture(layers.hr.firstElementChild, original);
    strip.querySelectorAll("img[data-name]").forEach((image) => setPicture(image, image.dataset.name));
    root.dataset.ready = "true";
    sweepOnce();
  });
  showScores();
}

function whenLoaded(then) {
  const images = [layers.left.firstElementChild, layers.right.firstElementChild];
  const addresses = images.map((image) => image.src);
  Promise.all(images.map((image) => image.decode())).then(() => {
    if (images.every((image, i) => image.src === addresses[i])) then();
  }, () => {});
}

function showScores() {
  const found = [pair.left, pair.right].map((name) => (data.scores[name] || null));
  if (!known(HR)) {
    scores.replaceChildren(make("p", "v-none", "Without an original nothing can be measured: judge by eye."));
    return;
  }
  const head = make("tr", "", ...[pair.left, pair.right].map((name) => cell(title(name), "col")));
  const rows = METRICS.flatMap(([label, hint, digits, better], index) => {
    const values = found.map((row) => (row ? row[index] : undefined));
    const numbers = values.map((value) => (typeof value === "number" ? Number(value.toFixed(digits)) : NaN));
    const cells = values.map((value, side) => {
      const text = typeof value === "number" ? value.toFixed(digits) : value === undefined ? "–" : "n/a";
      const wins = (numbers[side] - numbers[1 - side]) * better > 0;
      const number = make("td", wins ? "v-better" : "", text);
      if (wins) number.append(make("span", "v-mark", "better"));
      return number;
    });
    const name = cell(label, "rowgroup");
    name.colSpan = 2;
    name.append(make("span", "v-metric", hint));
    return [make("tbody", "", make("tr", "v-of", name), make("tr", "", ...cells))];
  });
  scores.replaceChildren(make("table", "v-scores", make("thead", "", head), ...rows));
}

function make(tag, kind, ...inside) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  node.append(...inside);
  return node;
}

function cell(text, scope) {
  const node = make("th", "", text);
  node.scope = scope;
  return node;
}

// Below the stage: one tile for each network, in one order from the first result to the last

function fillStrip() {
  // In one order, whether they are done or not, so that nothing moves as results come.
  const names = [LR, ...data.order, ...(known(HR) ? [HR] : [])];
  const present = [...strip.children].map((tile) => tile.dataset.name);
  if (present.join() !== names.join()) strip.replaceChildren(...names.map(makeTile));
  for (const tile of strip.children) {
    const name = tile.dataset.name;
    const image = tile.querySelector("img");
    tile.disabled = !known(name);
    if (known(name) && !image.dataset.name) {
      image.dataset.name = name;
      if (root.dataset.ready) setPicture(image, name);
    } else if (known(name) && root.dataset.ready && image.dataset.address) setPicture(image, name);
    const side = name === pair.right ? "on the right" : name === pair.left ? "on the left" : "";
    tile.querySelector(".v-side").textContent = side;
    tile.setAttribute("aria-pressed", String(name === pair.right));
    tile.querySelector(".v-name").textContent = title(name);
    const plain = [LR, HR, title(name)].includes(name);
    const missing = data.failed[name] || (data.waiting.includes(name) ? "being made …" : "not run");
    tile.querySelector(".v-code").textContent = !known(name) ? missing : plain ? "" : name;
  }
}

function makeTile(name) {
  const image = make("img", "");
  image.alt = "";
  image.draggable = false;
  const words = make("span", "v-words", make("span", "v-name"), make("span", "v-code"), make("span", "v-side"));
  const tile = make("button", "v-tile", make("span", "v-crop", image), words);
  tile.type = "button";
  tile.dataset.name = name;
  tile.addEventListener("click", () => choose("right", name));
  return tile;
}

function choose(side, name) {
  pair = { ...pair, [side]: name };
  write({ [side]: name });
  load();
}

// The view: what is enlarged, of all pictures alike

const within = (value, low, high) => Math.min(high, Math.max(low, value));
const least = () => Math.max(LEAST, Math.min(stage.clientWidth / data.size[0], stage.clientHeight / data.size[1]));

function settleView() {
  const [width, height] = data.size;
  if (!zoomed) view.scale = Math.max(LEAST_FIRST, stage.clientWidth / FIRST_WIDTH);
  view.scale = within(view.scale, least(), MOST);
  const half = [stage.clientWidth / view.scale / width / 2, stage.clientHeight / view.scale / height / 2];
  view.x = half[0] >= 0.5 ? 0.5 : within(view.x, half[0], 1 - half[0]);
  view.y = half[1] >= 0.5 ? 0.5 : within(view.y, half[1], 1 - half[1]);
  return half;
}

function draw() {
  if (drawing) return;
  drawing = requestAnimationFrame(() => { drawing = 0; drawNow(); });
}

function drawNow() {
  if (!data || !stage.clientWidth) return;
  const half = settleView();
  for (const layer of Object.values(layers)) place(layer.firstElementChild, stage, view.scale);
  const tile = strip.querySelector(".v-crop");
  if (tile) {
    const scale = Math.max(view.scale * TILE, tile.clientWidth / data.size[0]);
    strip.querySelectorAll(".v-crop img").forEach((image) => place(image, tile, scale));
  }
  if (!frame.dragging()) frame.set({ x: view.x, y: view.y, width: 2 * half[0], height: 2 * half[1] });
  $("factor").textContent = `×${view.scale >= 10 ? Math.round(view.scale) : view.scale.toFixed(1)}`;
  drawLine();
}

function place(image, box, scale) {
  image.style.width = `${data.size[0]}px`;
  image.style.height = `${data.size[1]}px`;
  const left = box.clientWidth / 2 - view.x * data.size[0] * scale;
  const top = box.clientHeight / 2 - view.y * data.size[1] * scale;
  image.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

function drawLine() {
  line.style.left = `${position}%`;
  layers.right.style.clipPath = `inset(0 0 0 ${position}%)`;
  const percent = Math.round(position);
  handle.setAttribute("aria-valuenow", String(percent));
  if (data) handle.setAttribute("aria-valuetext", `${percent} %: ${title(pair.left)} on the left, ${title(pair.right)} on the right`);
}

function moveLine(share) {
  stopSweep();
  position = within(100 * share, 0, 100);
  drawLine();
}

function pan(dx, dy) {
  view.x -= dx / view.scale / data.size[0];
  view.y -= dy / view.scale / data.size[1];
  draw();
  tellSoon();
}

function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const scale = within(view.scale * factor, least(), MOST);
  const shift = (at, length) => (at - length / 2) * (1 / view.scale - 1 / scale); // the point below the pointer stays
  view.x += shift(x, stage.clientWidth) / data.size[0];
  view.y += shift(y, stage.clientHeight) / data.size[1];
  view.scale = scale;
  zoomed = true;
  draw();
  tellSoon();
}

function followFrame({ x, y }) {
  Object.assign(view, { x, y });
  draw();
}

function tellSoon() {
  clearTimeout(settling);
  settling = setTimeout(tell, SETTLED);
}

// Tell the place to all tabs, in per cent of the photo in the sliders' steps, and the zoom to the address.
function tell() {
  settleView();
  const [left, top, width, height] = data.window;
  const percent = (share) => within(Math.round(200 * share) / 2, 0, 100);
  told = { x: percent(left + view.x * width), y: percent(top + view.y * height), zoom: zoomed ? String(Number(view.scale.toFixed(2))) : "" };
  write(told);
}

function write(change) {
  props.value = { ...props.value, ...change };
  data = props.value;
  trigger("input");
}

// The window of the stage's size in which both sides differ most, as decloss/views/differing.py finds it

function goWhereTheyDiffer() {
  const [width, height] = data.size;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const [a, b] = ["left", "right"].map((side) => {
    context.drawImage(layers[side].firstElementChild, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  });
  settleView();
  const w = Math.min(width, Math.round(stage.clientWidth / view.scale));
  const h = Math.min(height, Math.round(stage.clientHeight / view.scale));
  const sums = new Float64Array((width + 1) * (height + 1)); // of all differences above and to the left
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++, at += 4) {
      row += Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  let [most, left, top] = [-1, 0, 0];
  for (let y = 0; y + h <= height; y++) {
    for (let x = 0; x + w <= width; x++) {
      const [above, below] = [y * (width + 1) + x, (y + h) * (width + 1) + x];
      const found = sums[below + w] - sums[below] - sums[above + w] + sums[above];
      if (found > most) [most, left, top] = [found, x, y];
    }
  }
  Object.assign(view, { x: (left + w / 2) / width, y: (top + h / 2) / height });
  draw();
  tell();
}

// The line sweeps once by itself, unless the visitor asked for less motion or does something

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

const TAKEN = "input, textarea, select, button, a, summary, [contenteditable], [role=tab], [role=option]";
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
