// The crop around a place that all tabs look at, as decloss.views.scene cuts it. It stands before the text of a js_on_load.

// x, y in per cent of the photo; `node` carries the crop's side and the step of smaller ones. Pixels of the photo.
function cropAt(node, { naturalWidth: width, naturalHeight: height }, x, y) {
  const step = Number(node.dataset.step);
  const fits = (length) => Math.floor(length / step) * step;
  const side = Math.min(Number(node.dataset.side), fits(width), fits(height));
  const scale = Number(node.dataset.scale); // the crop begins where a pixel of LR begins
  const start = (share, length) => {
    const at = Math.min(Math.max(0, Math.round((share / 100) * length - side / 2)), length - side);
    return at - (at % scale);
  };
  return { left: start(x, width), top: start(y, height), side, width, height };
}
