// What fingers, mouse and wheel do on the stage of the viewer: they move the line, or zoom and pan all pictures.
// It stands before viewer.js in one js_on_load.
//
// One finger moves the line sideways and scrolls the page up and down; two fingers zoom and pan. A mouse pans, or moves
// the line where it grips it. The wheel zooms, unless it was scrolling the page already or can zoom out no further.

function watchGestures(stage, { line, pan, zoom, gripsLine, canZoom, touched }) {
  const SCROLLING = 250; // ms after a scroll during which the wheel goes on scrolling the page
  const points = new Map(); // pointers that are down, by id: [x, y] on the screen
  let moving = ""; // "line" or "pan" while one pointer is down
  let scrolled = -Infinity;

  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const span = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    touched();
    points.set(event.pointerId, at(event));
    stage.setPointerCapture(event.pointerId);
    if (points.size === 1) moving = event.pointerType === "touch" || gripsLine(event) ? "line" : "pan";
    else moving = "";
    stage.classList.toggle("panning", moving === "pan");
    if (event.pointerType !== "touch") event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    const before = points.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    if (points.size === 2) {
      const old = [...points.values()];
      points.set(event.pointerId, now);
      const both = [...points.values()];
      const [from, to] = [middle(old), middle(both)];
      pan(to[0] - from[0], to[1] - from[1]);
      if (span(old) > 0) zoom(span(both) / span(old), ...to);
      return;
    }
    points.set(event.pointerId, now);
    if (moving === "line") line(now[0] / stage.clientWidth);
    if (moving === "pan") pan(now[0] - before[0], now[1] - before[1]);
  });
  const up = (event) => {
    points.delete(event.pointerId);
    moving = "";
    stage.classList.remove("panning");
  };
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);
  // Two fingers are ours from the first move on; one that moves up or down scrolls the page (touch-action: pan-y).
  stage.addEventListener("touchmove", (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });

  window.addEventListener("scroll", () => { scrolled = performance.now(); }, { passive: true });
  stage.addEventListener("wheel", (event) => {
    const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018) * (event.deltaMode === 1 ? 24 : 1));
    if (performance.now() - scrolled < SCROLLING && !event.ctrlKey) return;
    if (!canZoom(factor)) return;
    event.preventDefault();
    touched();
    zoom(factor, ...at(event));
  }, { passive: false });
}
