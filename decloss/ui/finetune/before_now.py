"""A crop of a validation photo before a finetune and as it is now, one over the other with a slider between them."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from decloss.files.images import RGBArray, decode_photo
from decloss.ui.serving.gradio_patches import save_copy
from decloss.views.differing import most_different

WINDOW = 64
"""The side in pixels of the windows among which the one that differs most is looked for."""
BEFORE, NOW = "The crop before the finetune", "The same crop as the finetune makes it now"
MARKUP = f"""
<div class="ft-slider" hidden>
  <div class="ft-stage">
    <img class="ft-before" alt="{BEFORE}" draggable="false">
    <div class="ft-cut"><img class="ft-now" alt="{NOW}" draggable="false"></div>
    <span class="ft-tag ft-tag-before" aria-hidden="true"></span>
    <span class="ft-tag ft-tag-now" aria-hidden="true"></span>
    <div class="ft-handle" role="slider" tabindex="0" aria-label="Share of the picture that is as before the finetune"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow="50"></div>
  </div>
  <label class="ft-zoom"><span>Zoom</span>
    <input type="range" min="1" max="8" step="0.5" value="3" aria-label="Zoom of both pictures">
    <output>×3</output></label>
</div>
"""


def before_now() -> gr.HTML:
    """Build the slider inside the current ``gr.Blocks``; its value is what ``pair`` returns."""
    script = (Path(__file__).parent / "before_now.js").read_text(encoding="utf-8")
    return gr.HTML(None, html_template=MARKUP, js_on_load=script, elem_id="ft-slider")


def pair(samples: list[Path]) -> dict[str, Any] | None:
    """Return the slider's value for a finetune's sample pictures, oldest first; None before there is one.

    Raises:
        ImageError: if a picture is being written at this moment.
    """
    if not samples:
        return None
    first, last = samples[0], samples[-1]
    pixels = [decode_photo(path).pixels for path in (first, last)]
    x, y = place_that_differs(*pixels)
    return {"before": _file(first), "now": _file(last), "steps": [int(first.stem), int(last.stem)], "place": [x, y]}


def _file(path: Path) -> dict[str, Any]:
    """Return a copy of the file ``path`` as Gradio sends files, which adds its address."""
    return dict(FileData(path=save_copy(path), orig_name=path.name).model_dump())


def place_that_differs(before: RGBArray, now: RGBArray) -> tuple[float, float]:
    """Return the middle of the window in which two pictures, (H, W, 3), differ most, in per cent of their sides."""
    if before.shape != now.shape:
        return 50.0, 50.0
    x, y, most = most_different(before, now, WINDOW, WINDOW)
    return (round(100 * x, 1), round(100 * y, 1)) if most > 0 else (50.0, 50.0)
