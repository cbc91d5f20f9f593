// The photo with the frame of the place, and further ways to a photo: js_on_load of a gr.HTML whose value is {url, x, y}.
// It stands after crop.js and frame.js.

const box = element.querySelector(".place-box");
const photo = box.querySelector("img");
const inPercent = ({ x, y }) => ({ x: 100 * x, y: 100 * y });
const panel = () => document.getElementById("photo-panel");
const frame = makeFrame(box, {
  label: "The place that all tabs look at",
  moved: (place) => document.dispatchEvent(new CustomEvent("decloss:place", { detail: inPercent(place) })),
  released: (place) => {
    const half = (share) => Math.round(200 * share) / 2; // the sliders' step
    props.value = { ...props.value, x: half(place.x), y: half(place.y) };
    trigger("input");
  },
});

function load() {
  const { url = "", x = 50, y = 50 } = props.value ?? {};
  if (!url) photo.removeAttribute("src");
  else if (photo.getAttribute("src") !== url) {
    photo.src = url;
    panel()?.removeAttribute("data-camera");
  }
  const there = photo.complete && photo.naturalWidth > 0;
  box.hidden = !there;
  if (!there || frame.dragging()) return;
  const { side, width, height } = cropAt(box, photo, x, y);
  frame.set({ x: x / 100, y: y / 100, width: side / width, height: side / height });
}

// The image component has the camera and the clipboard; it is shown while a picture is taken. Each choice there takes its
// photo away, so the camera is left that way only if it took none; with a picture it is off.
const press = (label) => document.querySelector(`#photo [aria-label="${label}"]`)?.click();
element.querySelector(".camera").addEventListener("click", () => panel().toggleAttribute("data-camera"));
element.querySelector(".paste").addEventListener("click", () => press("Paste from clipboard"));
function watchCamera() {
  if (!panel()) return requestAnimationFrame(watchCamera);
  new MutationObserver(() => {
    if (panel().hasAttribute("data-camera")) press("Capture from camera");
    else if (!props.value?.url) press("Upload file");
  }).observe(panel(), { attributeFilter: ["data-camera"] });
}
watchCamera();

photo.addEventListener("load", load);
watch("value", load);
load();
