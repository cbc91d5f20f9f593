// HR and SR with the chosen mini-patch's positives bright and outlined, its negatives dim, all in the photo's own colours:
// js_on_load of a gr.HTML, whose value is pair_value of html.py. While eta moves, histogram.js calls `cut`, and M tells who
// is a positive; at rest the server's own answer does. A click or the arrow keys choose another mini-patch.

const root = element.querySelector(".pair");
const boxes = [...root.querySelectorAll(".patches")];
const [images, canvases] = ["img", "canvas"].map((name) => boxes.map((box) => box.querySelector(name)));
const words = root.querySelector(".pair-words");
const ORANGE = "#f5a300";
const DIM = "rgb(8 10 18 / 0.58)";
const SETTLED = 250; // ms after the last key at which the server is asked
let eta = null; // in dB, while the visitor is ahead of the server
let chosen = null; // [row, column] from 1
let settling = 0;

function positives({ m, positives: known }) {
  if (eta === null) return Array.from(known, (digit) => digit === "1");
  return m.map((value) => value === null || value >= eta);
}

function draw() {
  const value = props.value;
  const scale = window.devicePixelRatio || 1;
  const size = Math.round(boxes[0].clientWidth * scale);
  if (!value || !size) return;
  const { n } = value;
  const inside = positives(value);
  const isIn = (row, column) => row >= 0 && column >= 0 && row < n && column < n && inside[row * n + column];
  const at = (index) => Math.round((index * size) / n);
  const [canvas, other] = canvases;
  canvas.width = canvas.height = other.width = other.height = size;
  const context = canvas.getContext("2d");
  const line = Math.round(2 * scale);
  context.fillStyle = "rgb(255 255 255 / 0.16)";
  for (let index = 1; index < n; index++) {
    context.fillRect(at(index), 0, 1, size);
    context.fillRect(0, at(index), size, 1);
  }
  for (let row = 0; row < n; row++) {
    const [top, bottom] = [at(row), at(row + 1)];
    for (let column = 0; column < n; column++) {
      const [left, right] = [at(column), at(column + 1)];
      if (!isIn(row, column)) {
        context.fillStyle = DIM;
        context.fillRect(left, top, right - left, bottom - top);
        continue;
      }
      context.fillStyle = ORANGE;
      if (!isIn(row - 1, column)) context.fillRect(left, top, right - left, line);
      if (!isIn(row + 1, column)) context.fillRect(left, bottom - line, right - left, line);
      if (!isIn(row, column - 1)) context.fillRect(left, top, line, bottom - top);
      if (!isIn(row, column + 1)) context.fillRect(right - line, top, line, bottom - top);
    }
  }
  const [row, column] = chosen.map((place) => place - 1);
  for (const [colour, wide] of [["#000", 2 * line], ["#fff", line]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.strokeRect(at(column), at(row), at(column + 1) - at(column), at(row + 1) - at(row));
  }
  other.getContext("2d").drawImage(canvas, 0, 0);
  const count = inside.filter(Boolean).length;
  root.dataset.positives = count;
  words.textContent = `${count.toLocaleString("en")} of ${(n * n).toLocaleString("en")} mini-patches`;
  const place = `row ${chosen[0]}, column ${chosen[1]} of ${n} is chosen`;
  boxes[0].setAttribute("aria-label", `HR in mini-patches: ${place}. Arrow keys choose another`);
}

root.cut = (decibels) => {
  eta = decibels;
  draw();
};
// Shows the frame before the server has answered; a row or column of 0 leaves the choice to the server.
root.choose = (row, column) => {
  const n = props.value?.n ?? 0;
  const within = (place, before) => (place ? Math.min(Math.max(place, 1), n) : before);
  chosen = [within(row, chosen[0]), within(column, chosen[1])];
  draw();
};
function tell() {
  clearTimeout(settling);
  settling = 0;
  trigger("select", { index: chosen, value: null });
}
boxes.forEach((box) => box.addEventListener("click", (event) => {
  if (!props.value) return;
  const around = box.getBoundingClientRect();
  const place = (share) => Math.min(props.value.n, Math.max(1, Math.floor(share * props.value.n) + 1));
  root.choose(place((event.clientY - around.top) / around.height), place((event.clientX - around.left) / around.width));
  tell();
}));
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
boxes[0].addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || !props.value) return;
  event.preventDefault();
  const far = event.shiftKey ? 4 : 1;
  root.choose(...chosen.map((place, axis) => Math.max(1, place + far * step[axis])));
  clearTimeout(settling);
  settling = setTimeout(tell, SETTLED);
});

function update() {
  const value = props.value;
  if (!value) return;
  if (!settling) chosen = [value.row, value.column]; // a key is still to be told
  [value.hr, value.sr].forEach((source, index) => {
    if (images[index].src !== source) images[index].src = source;
  });
  draw();
}
followSlider("contrast-row", (row) => root.choose(row, 0));
followSlider("contrast-column", (column) => root.choose(0, column));
watch("value", update);
new ResizeObserver(draw).observe(root);
update();
