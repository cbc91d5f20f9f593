// The histogram of M with the line at eta, which moves while a slider moves: js_on_load of a gr.HTML, whose value is
// histogram_value of html.py; ../parts/drag.js stands before it. It tells pair.js where eta cuts. The truth is decloss/views/contrast.py; tests/ui/contrast/test_browser_contrast.py
// compares the two.

const root = element.querySelector(".m-histogram");
const canvas = root.querySelector("canvas");
const BARS = 70;
const PAD = { left: 12, right: 12, top: 46, bottom: 44 };
const ORANGE = "#e69f00";
let live = null; // where the slider of eta is, once it has moved
let turned = null; // alpha's, likewise

// Whether the server's answer is to another value than the slider's. They are compared each time: a slider may be back
// where it was before any other answer came, and one that is the same as before would not be heard of.
const isAhead = (slider, answered) => slider !== null && slider !== answered;

// Pairs from each bin upward, those of equal mini-patches included: above[0] is all of them.
function tail({ counts, equal }) {
  const above = new Float64Array(counts.length + 1).fill(equal);
  for (let bin = counts.length - 1; bin >= 0; bin--) above[bin] = above[bin + 1] + counts[bin];
  return above;
}

// How far alpha moves M, in dB, while the server does not know of it.
const shift = ({ alpha }) => (turned === null ? 0 : -40 * Math.log10(turned / alpha));

// {eta in dB, share}: the server's, or what the histogram says of a slider that is ahead of it.
function line(value, above) {
  const { start, counts, steps, by } = value;
  const moved = shift(value);
  const slid = isAhead(live, value.asked);
  if (!slid && !moved) return { eta: value.eta, share: value.share };
  if (!slid && by === "share") return { eta: value.eta + moved, share: value.share };
  const asked = slid ? live : value.eta;
  const at = (bin) => above[Math.min(Math.max(bin, 0), counts.length)] / (above[0] || 1);
  if (by === "dB") return { eta: asked, share: at(Math.round((asked - moved) * steps) - start) };
  let bin = 0;
  while (bin < counts.length && at(bin) > asked / 100) bin++;
  return { eta: (start + bin) / steps + moved, share: asked / 100 };
}

const minus = (number, digits) => number.toFixed(digits).replace("-", "−");

function draw() {
  const value = props.value;
  const width = root.clientWidth;
  if (!value || !width) return;
  const height = root.clientHeight;
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(root);
  const [ink, pale] = [style.color, style.getPropertyValue("--pale")];
  const { start, counts, steps } = value;
  const { eta, share } = line(value, tail(value));
  const group = Math.max(1, Math.ceil(counts.length / BARS));
  const first = Math.floor(start / group) * group;
  const bars = new Float64Array(Math.max(1, Math.ceil((start + counts.length - first) / group)));
  counts.forEach((count, bin) => { bars[Math.floor((start + bin - first) / group)] += count; });
  const moved = shift(value);
  const [low, high] = [first / steps + moved, (first + bars.length * group) / steps + moved];
  const x = (db) => PAD.left + ((width - PAD.left - PAD.right) * (db - low)) / (high - low);
  const floor = height - PAD.bottom;
  const at = Math.min(Math.max(x(eta), PAD.left), width - PAD.right);
  const top = Math.max(...bars, 1);
  for (const [from, to, colour] of [[0, at, pale], [at, width, ORANGE]]) {
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, height);
    context.clip();
    context.fillStyle = colour;
    bars.forEach((count, bar) => {
      const [left, right] = [x(low + (bar * group) / steps), x(low + ((bar + 1) * group) / steps)];
      const tall = ((floor - PAD.top) * count) / top;
      context.fillRect(left + 0.5, floor - tall, Math.max(1, right - left - 1), tall);
    });
    context.restore();
  }
  context.fillStyle = context.strokeStyle = ink;
  context.font = `12px ${style.fontFamily}`;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(PAD.left, floor + 0.5);
  context.lineTo(width - PAD.right, floor + 0.5);
  context.stroke();
  context.textAlign = "center";
  const apart = [1, 2, 5, 10, 20].find((step) => (high - low) / step <= width / 55) || 50;
  for (let db = Math.ceil(low / apart) * apart; db <= high; db += apart) {
    context.fillRect(Math.round(x(db)), floor, 1, 4);
    context.fillText(minus(db, 0), x(db), floor + 17);
  }
  context.fillText("M, dB: more alike to the right", width / 2, floor + 36);
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(at, 34);
  context.lineTo(at, floor);
  context.stroke();
  const percent = 100 * share;
  const words = `${percent.toFixed(percent < 10 ? 2 : 1)} % positive`;
  context.font = `600 13px ${style.fontFamily}`;
  const title = `η = ${minus(eta, 2)} dB`;
  const half = Math.max(context.measureText(title).width, context.measureText(words).width) / 2;
  const middle = Math.min(Math.max(at, half + 2), width - half - 2);
  context.fillText(title, middle, 13);
  context.fillText(words, middle, 29);
  root.dataset.eta = eta;
  root.dataset.share = share;
  const ahead = isAhead(live, value.asked) || isAhead(turned, value.alpha);
  document.querySelector("#contrast-facts")?.classList.toggle("old", ahead);
  document.querySelector("#contrast-pair .pair")?.cut?.(ahead ? eta - moved : null);
  canvas.setAttribute("aria-label", `Histogram of M from ${minus(low, 0)} to ${minus(high, 0)} dB. ${title}: ${words}`);
}

// `control` is "dB", "share" or "alpha". It is called as a slider is dragged, and when Gradio has another value for it.
root.move = (control, value) => {
  if (!props.value) return;
  if (control === "alpha") turned = value > 0 ? value : null; // a number that is being typed may be 0
  else if (control === props.value.by) live = value;
  else return;
  draw();
};
watch("value", () => {
  if (props.value?.by !== root.dataset.by) live = null;
  root.dataset.by = props.value?.by;
  draw();
});
followSlider("contrast-share", (share) => root.move("share", share));
followSlider("contrast-eta", (eta) => root.move("dB", eta));
followSlider("contrast-alpha", (alpha) => root.move("alpha", alpha));
["p", "mu", "tpos", "tneg"].forEach((name) => followSlider(`contrast-${name}`, () => {})); // the server alone knows what comes
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] }); // light or dark
new ResizeObserver(draw).observe(root);
draw();
