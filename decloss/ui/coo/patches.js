// The parts of the map of mini-patches, before map.js in the same function: marks, legend, card and the picture to keep.
// The patches lie on one sheet, the crop with the networks' mini-patches below it: nothing is asked of the server.

const root = element.querySelector(".coo-map");
const [plot, where] = root.querySelectorAll("canvas");
const [empty, legend, card, oldLine, words, save] = [".coo-empty", ".coo-legend", ".coo-card", ".coo-old", ".coo-words", ".coo-save"]
  .map((name) => root.querySelector(name));
let data = null;
let sheet = null;
let points = []; // {kind: "hr" | "truth" | "sr", index, series, at: [x, y] on the sheet, xy: in the unit square}
let chosen = null; // one of points
let pointed = false; // a visitor chose it: the others fade

const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// Size a canvas for its place on the page, sharp on any screen; gives its context and size in CSS pixels.
function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
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

const entries = () => [["HR", colour("--coo-hr"), 0, 0], ["ground truth", null, 0, 0],
  ...data.series.map(({ title, colour: fill, corners, turn }) => [title, fill, corners, turn])];

function drawEntry(context, x, y, radius, [, fill, corners, turn]) {
  mark(context, x, y, radius, corners, turn);
  context.fillStyle = fill;
  context.strokeStyle = colour("--coo-ink");
  context.lineWidth = radius / 2.5;
  if (fill) context.fill(); else context.stroke();
}

function fillLegend() {
  legend.replaceChildren(...entries().map((entry) => {
    const [line, canvas] = [document.createElement("span"), document.createElement("canvas")];
    canvas.width = canvas.height = 32;
    drawEntry(canvas.getContext("2d"), 16, 16, 10, entry);
    line.append(canvas, entry[0]);
    return line;
  }));
}

function fillWords() {
  words.replaceChildren(...(data.words || []).map((text) => {
    const line = document.createElement("p");
    line.textContent = text;
    return line;
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
  const [title, row, said] = ["strong", "div", "p"].map((tag) => document.createElement(tag));
  row.className = "coo-patches";
  const { kind, index, series, at } = chosen;
  if (kind === "hr") {
    title.textContent = `HR mini-patch, ${at[0]} from the left and ${at[1]} from the top`;
    row.append(picture(at, "HR"));
  } else {
    const name = kind === "truth" ? "what the networks make of it" : series.title;
    title.textContent = `Ground truth ${index + 1} of ${data.truths.at.length}: ${name}`;
    const truth = picture(data.truths.at[index], "ground truth");
    if (kind === "truth") row.append(truth, ...data.series.map((other) => picture(other.at[index], other.title)));
    else {
      const [nearest, centre, far] = series.distances[index];
      const neighbours = series.neighbours[index];
      row.append(picture(at, series.title), truth, picture(data.hr.at[neighbours[0]], "nearest HR"),
        picture(series.centres[index], `centre of ${neighbours.length}`));
      said.textContent = `Distance to the nearest HR ${nearest}, to the centre ${centre}, to the ground truth ${far}. ` +
        (centre < nearest ? "Nearer to the centre than to any single one." : "Nearer to one HR than to the centre.");
    }
  }
  card.replaceChildren(title, row, said);
}

// The map with its legend, as a PNG in the colours that are on the screen.
save.addEventListener("click", () => {
  const scale = window.devicePixelRatio || 1;
  const [whole, line] = [document.createElement("canvas"), 24 * scale];
  const named = entries();
  whole.width = plot.width;
  whole.height = plot.height + line * (named.length + 0.5);
  const context = whole.getContext("2d");
  context.fillStyle = colour("--coo-paper");
  context.fillRect(0, 0, whole.width, whole.height);
  context.drawImage(plot, 0, 0);
  context.font = `${14 * scale}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  named.forEach((entry, i) => {
    const y = plot.height + line * (i + 0.5);
    drawEntry(context, line, y, 6 * scale, entry);
    context.fillStyle = colour("--coo-ink");
    context.fillText(entry[0], 2 * line, y);
  });
  const link = document.createElement("a");
  link.href = whole.toDataURL("image/png");
  link.download = "mini-patches.png";
  link.click();
});
