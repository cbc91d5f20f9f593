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
const ASK_EVERY = 1000; // ms
const ASK_AGAIN = 5000; // ms after which the server is asked again for what it refused to send, as when it was busy
const SETTLED = 250; // ms after the last move at which the others are told
const KNOWN = 2000; // ms after which whatever is heard knows what was told
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
let toldAt = -Infinity;
let zoomed = false; // by hand or by the address
let asking = 0;
let settling = 0;
let drawing = 0;
let sweeping = 0;

// The server's part of the value

const at = (path) => (window.gradio_config?.root || document.baseURI).replace(/[?#].*$/, "").replace(/\/?$/, "/") + path;
const address = (name) => at(data.pictures[name]);
const title = (name) => data.titles[name] || name;
const known = (name) => Object.hasOwn(data.pictures, name);

function load() {
  const value = props.value;
  if (!value?.pictures) return;
  const isOther = Boolean(data) && (data.photo !== value.photo || String(data.window) !== String(value.window));
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
  root.style.setProperty("--wide", data.size[0] / data.size[1]);
  markOld(Boolean(value.shown) && value.shown !== data.photo);
  $("pixels").checked = value.pixels === "1";
  root.classList.toggle("pixelated", value.pixels === "1");
  hear(value, isOther);
  fillSelects();
  showPair();
  fillStrip();
  draw();
  askForMore();
}

// While an example's results are made in the background, look every moment whether there are more than are shown, and
// ask for those alone: at each event of Gradio's the page looks through all of its components.
function askForMore(wait = ASK_EVERY) {
  clearTimeout(asking);
  if (data.waiting.length) asking = setTimeout(lookForMore, wait);
}

async function lookForMore() {
  const answer = document.hidden ? null : await fetch(at(`examples/${data.photo}`), { cache: "no-store" }).catch(() => null);
  if (answer?.status === 204) return; // the photo is no example: a run tells of its results itself
  const made = answer?.ok ? Number(await answer.text()) : 0;
  const isMore = made > data.order.length - data.waiting.length;
  askForMore(isMore ? ASK_AGAIN : ASK_EVERY);
  if (isMore) trigger("edit");
}

// Take over the place and the zoom, unless they are what this viewer has told itself.
function hear(value, isOther) {
  const [left, top, width, height] = data.window;
  const isNew = told.x === undefined || Math.abs(value.x - told.x) > 0.01 || Math.abs(value.y - told.y) > 0.01;
  if (isNew || isOther) {
    view.x = (value.x / 100 - left) / width;
    view.y = (value.y / 100 - top) / height;
    Object.assign(told, { x: value.x, y: value.y });
  }
  if (value.zoom && value.zoom !== told.zoom) {
    view.scale = Number(value.zoom);
    zoomed = true;
    told.zoom = value.zoom;
  } else if (!value.zoom && told.zoom && performance.now() - toldAt > KNOWN) { // the visitor went back
    zoomed = false;
    told.zoom = "";
  }
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
  if (!known(name)) return; // another comparison came while the images of the one before were awaited
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
  root.dataset.right = pair.right;
  document.dispatchEvent(new Event("decloss:pair")); // for the plot and the table
  const original = known(HR) ? HR : LR;
  layers.hr.firstElementChild.alt = title(original);
  $("held").textContent = title(original);
  $("original").textContent = known(HR) ? "Hold for the original" : "Hold for the input";
  setPicture($("photo").firstElementChild, original);
  whenLoaded(() => {
    setPicture(layers.hr.firstElementChild, known(HR) ? HR : LR);
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
    if (!known(name)) { // what is there may be of the photo before
      image.removeAttribute("src");
      delete image.dataset.name;
      delete image.dataset.address;
    } else if (!image.dataset.name) {
      image.dataset.name = name;
      if (root.dataset.ready) setPicture(image, name);
    } else if (root.dataset.ready && image.dataset.address) setPicture(image, name);
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
