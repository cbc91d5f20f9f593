// A pair of pictures to choose from: js_on_load of a gr.HTML, whose value is a question or what is told after the answer.
// Both pictures, and the original, are pieces of one image, drawn in one go once it is decoded.

const root = element.querySelector(".blind-stage");
const pictures = [...root.querySelectorAll("figure")]; // left, original, right
const buttons = [...root.querySelectorAll(".blind-choices button")]; // left, neither, right
const next = root.querySelector(".blind-next");
const told = root.querySelector(".blind-told");
const count = root.querySelector(".blind-count");
const SIDES = ["left", null, "right"];
const QUIET = 250; // milliseconds after the pictures appear in which answers are dropped: they were for the pair before
const PATIENCE = 15000; // milliseconds after which what was sent may be sent again, since a busy server answers nothing here
const PRESSED = "button, a, summary, [role=button]"; // what takes Enter and the space bar itself
let token = null;
let visibleAt = 0; // when both pictures were on the screen; 0 while they are not
let sent = 0; // how often something was sent, so that a timer knows its own

function load() {
  const value = props.value || {};
  if (value.wait) return showWait(value.wait);
  if (value.told) return value.token === token ? showTold(value.told) : undefined;
  if (!value.sheet || value.token === token) return;
  token = value.token;
  visibleAt = 0;
  const sheet = new Image();
  const mine = token;
  sheet.onload = () => { if (mine === token) showPair(sheet, value); };
  sheet.src = value.sheet;
}

function showWait(text) {
  token = null;
  visibleAt = 0;
  root.dataset.phase = "wait";
  count.textContent = text;
}

function showPair(sheet, { columns, round }) {
  const side = sheet.naturalHeight;
  const used = columns === 3 ? [0, 1, 2] : [0, 2];
  pictures.forEach((figure) => { figure.hidden = true; });
  used.forEach((index, column) => {
    const canvas = pictures[index].querySelector("canvas");
    canvas.width = canvas.height = side;
    canvas.getContext("2d").drawImage(sheet, column * side, 0, side, side, 0, 0, side, side);
  });
  used.forEach((index) => {
    pictures[index].hidden = false;
    pictures[index].classList.remove("chosen");
    const caption = pictures[index].querySelector("figcaption");
    caption.textContent = index === 1 ? "Original" : index === 0 ? "Left" : "Right";
  });
  told.textContent = "";
  count.textContent = `Pair ${round}`;
  root.querySelector(".blind-question").textContent =
    columns === 3 ? "Which is nearer to the original?" : "Which looks better?";
  root.dataset.columns = columns;
  root.dataset.phase = "ask";
  requestAnimationFrame(() => requestAnimationFrame(() => { visibleAt = performance.now(); }));
}

function showTold({ left, right, choice, metrics, sentence, whole }) {
  root.dataset.phase = "told";
  for (const [index, who] of [[0, left], [2, right]]) {
    const caption = pictures[index].querySelector("figcaption");
    caption.textContent = who.title;
    if (who.name !== who.title) {
      const small = document.createElement("small");
      small.textContent = ` ${who.name}`;
      caption.append(small);
    }
    pictures[index].classList.toggle("chosen", choice === SIDES[index]);
  }
  told.textContent = "";
  const words = document.createElement("p");
  words.textContent = sentence;
  told.append(words);
  if (metrics.length) {
    told.append(table(metrics));
    const of = document.createElement("p");
    of.className = "of";
    of.textContent = whole;
    told.append(of);
  }
  next.focus({ preventScroll: true });
}

function table(metrics) {
  const made = document.createElement("table");
  for (const { name, left, right, better } of metrics) {
    const row = made.insertRow();
    for (const [side, text] of [["left", left], [null, name], ["right", right]]) {
      const cell = side ? row.insertCell() : row.appendChild(document.createElement("th"));
      cell.textContent = side && side === better ? `${text} ✓ better` : text;
      if (side && side === better) cell.className = "better";
    }
    row.cells[1].scope = "row";
  }
  return made;
}

function answer(choice) {
  if (root.dataset.phase !== "ask" || !visibleAt) return;
  const ms = performance.now() - visibleAt;
  if (ms < QUIET) return;
  send({ index: [token, Math.round(ms)], value: choice });
}

function goOn() {
  if (root.dataset.phase !== "told" && root.dataset.phase !== "wait") return;
  send({ index: [token, 0], value: "next" });
}

function send(what) {
  const before = root.dataset.phase;
  const mine = ++sent;
  root.dataset.phase = "sent";
  trigger("select", what);
  setTimeout(() => { if (mine === sent && root.dataset.phase === "sent") root.dataset.phase = before; }, PATIENCE);
}

buttons.forEach((button, index) => button.addEventListener("click", () => answer(["left", "neither", "right"][index])));
pictures.forEach((figure, index) => figure.addEventListener("click", () => SIDES[index] && answer(SIDES[index])));
next.addEventListener("click", goOn);

// Next goes on by itself; the stage's other buttons have nothing to do after an answer.
function takesPress(target) {
  const pressed = target.closest(PRESSED);
  return pressed !== null && (pressed === next || !root.contains(pressed));
}

// Keys belong to the test while it is on the screen and nothing else wants them.
function onKey(event) {
  if (!root.isConnected) return removeEventListener("keydown", onKey);
  if (!root.offsetParent || event.ctrlKey || event.metaKey || event.altKey) return;
  const { top, bottom } = root.getBoundingClientRect();
  if (bottom <= 0 || top >= innerHeight) return;
  if (event.target.closest("input, textarea, select, [role=radiogroup], [role=tablist], [role=slider]")) return;
  const choice = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "neither" }[event.key];
  if (choice && root.dataset.phase === "ask") {
    event.preventDefault();
    answer(choice);
  } else if (["Enter", " "].includes(event.key) && root.dataset.phase === "told" && !takesPress(event.target)) {
    event.preventDefault();
    goOn();
  }
}
addEventListener("keydown", onKey);
watch("value", load);
load();
