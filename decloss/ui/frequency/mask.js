// Draws the mask of Eq. (14) and (15) while a slider moves: js_on_load of a gr.HTML, whose value is {alpha, share, side};
// ../parts/drag.js stands before it.
// The truth is decloss.inverse_gaussian_mask; tests/ui/frequency/test_browser_frequency.py compares the two, value by value.

const root = element.querySelector(".mask-figure");
const WAVE = 96; // pixels of a wave that are shown
const SMALL = 1e-4; // what is below is written with a power of ten
// As the canvas stores pixels: alpha, blue, green, red.
const colours = Uint32Array.from(JSON.parse(root.dataset.colours), ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
const panels = [...root.querySelectorAll(".mask-panel")].map((panel) => ({
  panel,
  canvas: panel.querySelector("canvas"),
  curves: [...panel.querySelectorAll(".k svg")],
  centred: panel.dataset.layout === "centred",
  image: null, // of one pixel a frequency, made anew for another side only
  pixels: null,
}));
const words = Object.fromEntries([...root.querySelectorAll("[data-word]")].map((node) => [node.dataset.word, node]));
let shown = {}; // {alpha, share, side} of what is drawn
let side = 0;
let kernel = new Float64Array(0); // K, the same for rows and columns of a square crop
let top = 1; // of the scales: 1, or the peak if that is higher
let probe = null; // [u, v], index of row and column in the unshifted spectrum
let wave = new Float32Array(0); // the probe's, from -1 to 1

// Eq. (15)
function makeKernel(size, alpha, mu) {
  return Float64Array.from({ length: size }, (_, i) => alpha * Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * mu ** 2)));
}

// Eq. (14): row by row, [0] is DC
function makeMask(rows, columns) {
  const mask = new Float64Array(rows.length * columns.length);
  rows.forEach((k, u) => columns.forEach((l, v) => { mask[u * columns.length + v] = k * l; }));
  return mask;
}
Object.defineProperty(root, "mask", { get: () => makeMask(kernel, kernel) });

// Where an index of the spectrum stands in a panel, and back.
const shiftOf = ({ centred }) => (centred ? Math.floor(side / 2) : 0);
const placeOf = (index, shift) => (index + shift) % side;
const indexAt = (place, shift) => (place - shift + side) % side;

function number(value) {
  if (value === 0 || value >= SMALL) return String(Number(value.toPrecision(2)));
  const [digits, power] = value.toExponential(0).split("e-");
  return `${digits} · 10<sup>−${power}</sup>`;
}

// Only what changed is written, since each new text makes the browser lay out again.
function write(name, text) {
  if (words[name].innerHTML !== text) words[name].innerHTML = text;
}

function draw(next) {
  const { alpha, share, side: size } = next;
  if (alpha === shown.alpha && share === shown.share && size === shown.side) return;
  shown = { alpha, share, side: size };
  if (size !== side) resize(size);
  const mu = share * side;
  kernel = makeKernel(side, alpha, mu);
  root.parameters = { alpha, mu, side };
  top = Math.max(1, alpha);
  drawMask();
  panels.forEach(drawCurves);
  drawWeight();
  const dc = kernel[0] ** 2;
  const percent = (100 * dc) / alpha ** 2;
  write("mu", mu.toFixed(1));
  write("side", String(side));
  write("dc", number(dc));
  write("dc-share", number(dc / alpha ** 2));
  write("percent", percent < 0.1 ? "under 0.1" : percent.toPrecision(2));
  write("top", number(top ** 2));
  markOld();
}

// The server's pictures belong to the last values at rest.
function markOld() {
  const grid = document.querySelector("#frequency-pictures .enhanced");
  const old = grid && (Math.abs(grid.dataset.mu - shown.share) > 1e-6 || Math.abs(grid.dataset.alpha - shown.alpha) > 1e-6);
  if (grid && old !== grid.classList.contains("old")) grid.classList.toggle("old", old);
}

function resize(size) {
  side = size;
  panels.forEach((each) => {
    each.canvas.width = each.canvas.height = side;
    each.image = each.canvas.getContext("2d").createImageData(side, side);
    each.pixels = new Uint32Array(each.image.data.buffer);
    const [across, down] = each.curves;
    across.setAttribute("viewBox", `0 0 ${side} 1`);
    down.setAttribute("viewBox", `0 0 1 ${side}`);
  });
  probe = [0, Math.round(side / 4)];
  placeProbe();
}

// K is symmetric, so a quarter is looked up and the rest is copied; the shifted panel is the printed one in other places.
function drawMask() {
  const [printed, centred] = panels;
  const half = Math.ceil(side / 2);
  const across = kernel.map((k) => k / top);
  for (let u = 0; u < half; u++) {
    const [row, mirror, level] = [u * side, (side - 1 - u) * side, 255 * across[u]];
    for (let v = 0; v < half; v++) {
      printed.pixels[row + v] = printed.pixels[row + side - 1 - v] = colours[(level * across[v] + 0.5) | 0];
    }
    printed.pixels.copyWithin(mirror, row, row + side);
  }
  const shift = shiftOf(centred);
  for (let y = 0; y < side; y++) {
    const row = indexAt(y, shift) * side;
    centred.pixels.set(printed.pixels.subarray(row + side - shift, row + side), y * side);
    centred.pixels.set(printed.pixels.subarray(row, row + side - shift), y * side + shift);
  }
  panels.forEach(({ canvas, image }) => canvas.getContext("2d").putImageData(image, 0, 0));
}

// One curve, which the picture's left side shows with its axes exchanged.
function drawCurves(each) {
  const shift = shiftOf(each);
  let line = "M";
  for (let x = 0; x < side; x++) line += `${x ? "L" : ""}${x + 0.5} ${1 - kernel[indexAt(x, shift)] / top}`;
  each.curves.forEach((svg) => {
    svg.querySelector(".line").setAttribute("d", line);
    svg.querySelector(".area").setAttribute("d", `${line}L${side} 1L0 1Z`);
  });
}

function placeProbe() {
  const [u, v] = probe;
  panels.forEach((each) => {
    const shift = shiftOf(each);
    const place = (index) => `${(100 * (placeOf(index, shift) + 0.5)) / side}%`;
    each.panel.style.setProperty("--probe-x", place(v));
    each.panel.style.setProperty("--probe-y", place(u));
    each.panel.style.setProperty("--dc", `${(100 * (shift + 0.5)) / side}%`);
  });
  wave = Float32Array.from({ length: WAVE ** 2 }, (_, i) => Math.cos((2 * Math.PI * (u * Math.floor(i / WAVE) + v * (i % WAVE))) / side));
  drawWave(waves[0], 1);
  const cycles = [u, v].map((index) => (index <= side / 2 ? index : index - side));
  const signed = cycles.map((count) => String(count).replace("-", "−"));
  const period = side / Math.hypot(...cycles);
  write("wave", u || v ? `${signed[0]} waves down and ${signed[1]} across, one every ${period.toFixed(1)} pixels` : "DC, the mean");
}

// What the mask leaves of the probe's wave, which stands at the opposite frequency, too: the mean of both weights.
function drawWeight() {
  const [u, v] = probe;
  const [row, column] = [u, v].map((index) => (side - index) % side);
  const weight = kernel[u] * kernel[v];
  const left = (weight + kernel[row] * kernel[column]) / 2;
  drawWave(waves[1], Math.min(1, left));
  write("rows", number(kernel[u]));
  write("columns", number(kernel[v]));
  write("weight", number(weight));
  write("left", number(left));
}

const waves = [...root.querySelectorAll(".wave")].map((canvas) => {
  canvas.width = canvas.height = WAVE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(WAVE, WAVE);
  return { context, image, pixels: new Uint32Array(image.data.buffer) };
});

// The probe's wave around mid-grey, `amplitude` of 1 from black to white.
function drawWave({ context, image, pixels }, amplitude) {
  for (let i = 0; i < pixels.length; i++) pixels[i] = (255 << 24) | (Math.round(127.5 * (1 + amplitude * wave[i])) * 0x010101);
  context.putImageData(image, 0, 0);
}

function pointAt(index) {
  probe = index;
  placeProbe();
  drawWeight();
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
panels.forEach((each) => {
  const square = each.panel.querySelector(".mask-square");
  const point = (event) => {
    const box = square.getBoundingClientRect();
    const place = (share) => Math.min(side - 1, Math.max(0, Math.floor(share * side)));
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(place);
    pointAt([indexAt(y, shiftOf(each)), indexAt(x, shiftOf(each))]);
  };
  square.addEventListener("pointermove", point);
  square.addEventListener("pointerdown", point);
  square.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 : 1;
    pointAt(probe.map((index, axis) => (index + far * step[axis] + side) % side));
  });
});

followSlider("frequency-mu", (share) => draw({ ...shown, share }));
followSlider("frequency-alpha", (alpha) => draw({ ...shown, alpha }));
watch("value", () => draw(props.value));
draw(props.value);
