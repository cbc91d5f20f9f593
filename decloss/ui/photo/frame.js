// A frame that is dragged or moved with the arrow keys inside a box that shows a whole picture; no server has a part in it.
// Python (read_script in parts/script.py) puts it before the text of a js_on_load that uses it, as in:
//
//   const frame = makeFrame(box, { label: "The place", moved: (place) => draw(place), released: (place) => tell(place) });
//   frame.set({ x: 0.5, y: 0.5, width: 0.3, height: 0.4 });   // shares of the picture's sides; x, y are the middle
//
// `box` is an element with the picture's proportions. The frame is an element of the class "place-frame" inside it, whose
// position and size are set here and whose looks are the style sheet's. `moved` is called at every move, `released` once
// at the end of a drag, after a click in the box and shortly after the last key. `set` calls neither.

function makeFrame(box, { label, moved = () => {}, released = () => {}, step = 0.01 }) {
  const SETTLED = 250; // ms after the last key at which the frame counts as released
  const frame = document.createElement("div");
  frame.className = "place-frame";
  frame.tabIndex = 0;
  frame.setAttribute("role", "slider");
  frame.setAttribute("aria-label", label);
  frame.setAttribute("aria-valuemin", "0");
  frame.setAttribute("aria-valuemax", "100");
  frame.style.position = "absolute";
  frame.style.touchAction = "none"; // a finger on the frame drags it; anywhere else in the box it scrolls the page
  box.append(frame);

  let place = { x: 0.5, y: 0.5, width: 0.25, height: 0.25 };
  let grip = null; // how far from the middle the frame was gripped, in shares of the picture's sides
  let settling = 0;

  const inside = (middle, size) => Math.min(1 - size / 2, Math.max(size / 2, middle));

  function show(next) {
    const [width, height] = [Math.min(1, next.width), Math.min(1, next.height)];
    place = { x: inside(next.x, width), y: inside(next.y, height), width, height };
    const percent = (share) => `${100 * share}%`;
    frame.style.left = percent(place.x - width / 2);
    frame.style.top = percent(place.y - height / 2);
    frame.style.width = percent(width);
    frame.style.height = percent(height);
    const [x, y] = [place.x, place.y].map((share) => Math.round(100 * share));
    frame.setAttribute("aria-valuenow", String(x));
    frame.setAttribute("aria-valuetext", `${x} % from the left, ${y} % from the top`);
  }

  function move(x, y) {
    show({ ...place, x, y });
    moved({ ...place });
  }

  function pointAt(event) {
    const around = box.getBoundingClientRect();
    return { x: (event.clientX - around.left) / around.width, y: (event.clientY - around.top) / around.height };
  }

  let kind = ""; // of the pointer: the click that follows says it in newer browsers only
  box.addEventListener("pointerdown", (event) => {
    kind = event.pointerType;
    const onFrame = event.target === frame;
    if (event.button !== 0 || (event.pointerType === "touch" && !onFrame)) return;
    event.preventDefault(); // or the browser would drag the picture
    frame.focus({ preventScroll: true });
    const point = pointAt(event);
    grip = onFrame ? { x: point.x - place.x, y: point.y - place.y } : { x: 0, y: 0 };
    box.setPointerCapture(event.pointerId);
    if (!onFrame) move(point.x, point.y);
  });
  box.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const point = pointAt(event);
    move(point.x - grip.x, point.y - grip.y);
  });
  const release = () => {
    if (!grip) return;
    grip = null;
    released({ ...place });
  };
  box.addEventListener("pointerup", release);
  box.addEventListener("pointercancel", release);
  box.addEventListener("click", (event) => {
    if (kind !== "touch" || event.target === frame) return; // a mouse has moved it already
    const point = pointAt(event);
    move(point.x, point.y);
    released({ ...place });
  });
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  frame.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 * step : step;
    move(place.x + far * way[0], place.y + far * way[1]);
    clearTimeout(settling);
    settling = setTimeout(() => released({ ...place }), SETTLED);
  });

  show(place);
  return { set: show, dragging: () => grip !== null };
}
