// Draws the mask of Eq. (14) and (15) while a slider moves: js_on_load of a gr.HTML, whose value is {alpha, share, side}.
// The truth is decloss.inverse_gaussian_mask; tests/ui/frequency/test_browser_frequency.py compares the two, value by value.

const root = element.querySelector(".mask-figure");
const WAVE = 96; // pixels of a wave that are shown
const SMALL = 1e-4; // what is below is written with a power of ten
// As the canvas stores pixels: alpha, blue, green, red.
const colours = Uint32Array.from(JSON.parse(root.dataset.colours), ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
let side = 0;
let kernel = new Float64Array(0); // K, the same for rows and columns of a square crop
let top = 1; // of the scales: 1, or the peak if that is higher
let probe = null; // [u, v], index of row and column in the unshifted spectrum

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

// Where an index of the spectrum stands in a panel, and back.
const shiftOf = (panel) => (panel.dataset.layout === "centred" ? Math.floor(side / 2) : 0);
const placeOf = (index, shift) => (index + shift) % side;
const indexAt = (place, shift) => (place - shift + side) % side;

function number(value) {
  if (value === 0 || value >= SMALL) return String(Number(value.toPrecision(2)));
  const [digits, power] = value.toExponential(0).split("e-");
  return `${digits} · 10<sup>−${power}</sup>`;
}

function draw() {
  const { alpha, share, side: size } = props.value;
  if (size !== side) probe = [0, Math.round(size / 4)];
  side = size;
  const mu = share * side;
  kernel = makeKernel(side, alpha, mu);
  root.mask = makeMask(kernel, kernel);
  root.parameters = { alpha, mu, side };
  top = Math.max(1, alpha);
  root.querySelectorAll(".mask-panel").forEach(drawPanel);
  drawProbe();
  const dc = root.mask[0];
  const percent = (100 * dc) / alpha ** 2;
  root.querySelector(".mask-words").innerHTML =
    `μ is <b>${mu.toFixed(1)}</b> of ${side} frequency bins. At DC the mask is <b>${number(dc)}</b> = α² · ` +
    `${number(dc / alpha ** 2)}: an even area keeps <b>${percent < 0.1 ? "under 0.1" : percent.toPrecision(2)} %</b> ` +
    `of the weight that the finest detail has.`;
  root.querySelector(".scale-top").textContent = number(top ** 2);
}

function drawPanel(panel) {
  const shift = shiftOf(panel);
  const canvas = panel.querySelector("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let y = 0, at = 0; y < side; y++) {
    const row = indexAt(y, shift) * side;
    for (let x = 0; x < side; x++) pixels[at++] = colours[Math.round((255 * root.mask[row + indexAt(x, shift)]) / top ** 2)];
  }
  context.putImageData(image, 0, 0);
  const points = Array.from(kernel, (_, x) => `${x + 0.5} ${1 - kernel[indexAt(x, shift)] / top}`).join("L");
  const sideways = Array.from(kernel, (_, y) => `${1 - kernel[indexAt(y, shift)] / top} ${y + 0.5}`).join("L");
  drawCurve(panel.querySelector(".across svg"), [0, 0, side, 1], `M${points}`, `L${side} 1L0 1Z`);
  drawCurve(panel.querySelector(".down svg"), [0, 0, 1, side], `M${sideways}`, `L1 ${side}L1 0Z`);
}

function drawCurve(svg, box, line, rest) {
  svg.setAttribute("viewBox", box.join(" "));
  svg.querySelector(".line").setAttribute("d", line);
  svg.querySelector(".area").setAttribute("d", line + rest);
}

function drawProbe() {
  const [u, v] = probe;
  const weight = root.mask[u * side + v];
  root.querySelectorAll(".mask-panel").forEach((panel) => {
    const shift = shiftOf(panel);
    const place = (index) => `${(100 * (placeOf(index, shift) + 0.5)) / side}%`;
    panel.style.setProperty("--probe-x", place(v));
    panel.style.setProperty("--probe-y", place(u));
    panel.style.setProperty("--dc", `${(100 * (shift + 0.5)) / side}%`);
  });
  const [before, after] = root.querySelectorAll(".wave");
  drawWave(before, 1);
  drawWave(after, Math.min(1, weight));
  const cycles = [u, v].map((index) => (index <= side / 2 ? index : index - side));
  const signed = cycles.map((count) => String(count).replace("-", "−"));
  const period = side / Math.hypot(...cycles);
  const what = u || v ? `${signed[0]} waves down and ${signed[1]} across, one every ${period.toFixed(1)} pixels` : "DC, the mean";
  root.querySelector(".probe-words").innerHTML =
    `<b>${what}.</b> K<sup>H</sup> ${number(kernel[u])} × K<sup>W</sup> ${number(kernel[v])} = <b>${number(weight)}</b>`;
}

// A wave of the probe's frequency around mid-grey, `amplitude` of 1 from black to white.
function drawWave(canvas, amplitude) {
  canvas.width = canvas.height = WAVE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(WAVE, WAVE);
  const pixels = new Uint32Array(image.data.buffer);
  for (let y = 0, at = 0; y < WAVE; y++) {
    for (let x = 0; x < WAVE; x++) {
      const cosine = Math.cos((2 * Math.PI * (probe[0] * y + probe[1] * x)) / side);
      pixels[at++] = (255 << 24) | (Math.round(127.5 * (1 + amplitude * cosine)) * 0x010101);
    }
  }
  context.putImageData(image, 0, 0);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
root.querySelectorAll(".mask-panel").forEach((panel) => {
  const square = panel.querySelector(".mask-square");
  const point = (event) => {
    const box = square.getBoundingClientRect();
    const place = (share) => Math.min(side - 1, Math.max(0, Math.floor(share * side)));
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(place);
    probe = [indexAt(y, shiftOf(panel)), indexAt(x, shiftOf(panel))];
    drawProbe();
  };
  square.addEventListener("pointermove", point);
  square.addEventListener("pointerdown", point);
  square.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 : 1;
    probe = probe.map((index, axis) => (index + far * step[axis] + side) % side);
    drawProbe();
  });
});

watch("value", draw);
draw();
