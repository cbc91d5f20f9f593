// The bar of the tabs that look at the photo: the photo with the frame of the place, the crop there, and words.
// It is the js_on_load of a gr.HTML whose value is {url, x, y}, after crop.js.

const bar = element.querySelector(".bar");
const photo = bar.querySelector("img");
const frame = bar.querySelector("i");
const crop = bar.querySelector("canvas");
const words = bar.querySelector("p");

function draw({ x, y }) {
  const there = photo.complete && photo.naturalWidth > 0;
  bar.classList.toggle("empty", !there);
  words.textContent = there ? `${Math.round(x)} % from the left, ${Math.round(y)} % from the top` : "No photo yet";
  if (!there) return;
  const { left, top, side, width, height } = cropAt(bar, photo, x, y);
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(frame.style, {
    left: percent(left, width), top: percent(top, height), width: percent(side, width), height: percent(side, height),
  });
  if (side <= 0) return;
  crop.width = crop.height = side;
  crop.getContext("2d").drawImage(photo, left, top, side, side, 0, 0, side, side);
}

function load() {
  const { url = "", x = 50, y = 50 } = props.value ?? {};
  if (!url) photo.removeAttribute("src");
  else if (photo.getAttribute("src") !== url) photo.src = url;
  draw({ x, y });
}

photo.addEventListener("load", load);
document.addEventListener("decloss:place", ({ detail }) => draw(detail)); // while the frame is dragged
watch("value", load);
load();
