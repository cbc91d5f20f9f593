// This stands behind viewer.js, in one js_on_load: the view, which is the part that all pictures show enlarged.

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
  toldAt = performance.now();
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
