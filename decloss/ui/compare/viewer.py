"""The viewer on the first screen: two pictures under a line, the photo with a frame, and a strip of all networks."""

import json
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.files.examples import FIRST_PLACE
from decloss.ui.compare.comparison import Comparison, sharpened_by
from decloss.ui.compare.kept import address
from decloss.ui.compare.labels import PLAIN
from decloss.ui.parts.address import Field
from decloss.ui.parts.examples import first_pair
from decloss.ui.parts.names import plain_name
from decloss.ui.parts.script import read_script
from decloss.ui.parts.tab import LIVE, Networks, Shared
from decloss.ui.parts.visitor import NAME

HERE = Path(__file__).parent
SCRIPTS = (
    HERE.parent / "photo" / "frame.js",
    *(HERE / name for name in ("gestures.js", "viewer.js", "viewer_zoom.js", "viewer_acts.js")),
)
ZOOM = (0.1, 40.0)
"""The least and the largest enlargement that an address may ask for."""
FIRST_IN_WORDS = {"edsr-l1": "PSNR-trained", "edsr-l1-dec": "PSNR-trained, with DECLoss added"}
"""What stands beside the checkpoint's name for the two that visitors see first."""

MERGE = """(data, x, y, left, right, zoom, pixels, shown, asked) => ({
  ...JSON.parse(data || "{}"), x, y, left, right, zoom, pixels, shown: shown.split(" ")[0], asked,
})"""
SPLIT = "({x, y, left, right, zoom, pixels}) => [x, y, left, right, zoom, pixels]"


class Viewer:
    """The viewer and the hidden components around it; what it shows is ``data``, as ``describe`` makes it."""

    def __init__(self, networks: Networks, first: Comparison | None) -> None:
        left, right = first_pair(networks.names)
        data = describe(first) if first is not None else {}
        x, y = FIRST_PLACE
        shown = {"x": x, "y": y, "left": left, "right": right, "zoom": "", "pixels": ""}
        self.html = gr.HTML(
            {**data, **shown, "shown": data.get("photo", "")},
            html_template=(HERE / "viewer.html").read_text(encoding="utf-8"),
            js_on_load=read_script(*SCRIPTS),
            elem_id="viewer",
        )
        self.data = gr.Textbox(json.dumps(data), visible=False)
        self.left, self.right = gr.Textbox(left, visible=False), gr.Textbox(right, visible=False)
        self.zoom, self.pixels = gr.Textbox("", visible=False), gr.Textbox("", visible=False)
        # The digest and the size of the photo that is chosen now, and a text that is new after every look at it.
        self.shown, self.asked = gr.Textbox("", visible=False), gr.Textbox("", visible=False)
        # A text that is new whenever the server turns out to have no comparison any more, though this shows one.
        self.gone = gr.Textbox("", visible=False)
        self._names = networks.names

    def wire(self, shared: Shared) -> None:
        """Let the viewer follow the place, the address and new results, and tell them what visitors do in it."""
        told = [shared.x, shared.y, self.left, self.right, self.zoom, self.pixels]
        followed = [self.data, *told, self.shown, self.asked]
        gr.on([component.change for component in followed], None, followed, self.html, js=MERGE, **LIVE)
        self.html.input(None, self.html, told, js=SPLIT, **LIVE)
        shared.photo.change(None, None, None, js=MARK_OLD, **LIVE)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The address's fields of the pair and of the view."""
        return (
            Field("left", self.left, self._read_name),
            Field("right", self.right, self._read_name),
            Field("zoom", self.zoom, read_zoom),
            Field("pixels", self.pixels, read_pixels),
        )

    def _read_name(self, text: str) -> str:
        if text not in (*self._names, *PLAIN) and not NAME.fullmatch(text):
            raise ValueError(f"{text!r} is no picture's name")
        return text


MARK_OLD = """() => {
  for (const name of ["first", "below"]) document.getElementById(`compare-${name}`)?.classList.add("of-photo-before");
}"""
"""A script that marks results as those of the photo before; the viewer takes the mark away when they fit the photo."""


def read_zoom(text: str) -> str:
    """Return the enlargement in ``text`` as text; raise a ``ValueError`` unless it is within ``ZOOM`` or empty."""
    if not text:
        return ""
    if not ZOOM[0] <= float(text) <= ZOOM[1]:
        raise ValueError(f"{text!r} is no enlargement")
    return f"{float(text):g}"  # Python reads numbers, such as "1_0", that JavaScript does not


def read_pixels(text: str) -> str:
    """Return "1" for pictures whose pixels are seen, "" for smooth ones; raise a ``ValueError`` for nonsense."""
    if text not in ("", "1"):
        raise ValueError(f"{text!r} is neither 1 nor empty")
    return text


def describe(found: Comparison) -> dict[str, Any]:
    """Return what the viewer's script needs of a comparison: addresses of pictures, names and scores."""
    names = [result.name for result in found.results]
    height, width = found.task.lr.shape[:2]
    return {
        "photo": found.photo,
        "size": [4 * width, 4 * height],
        "window": found.task.part,
        "pictures": {name: address(found, picture.path) for name, picture in found.pictures.items()},
        "names": names,
        "order": list(found.order),
        "waiting": list(found.waiting),
        "failed": dict(found.failed),
        "titles": {name: plain_name(name) for name in {*names, *found.order}} | PLAIN,
        "small": {
            result.name: " · ".join(filter(None, (result.name, FIRST_IN_WORDS.get(result.name), sharpened_by(result))))
            for result in found.results
        },
        "scores": {
            result.name: [_finite(value) for value in (result.scores.psnr_y, result.scores.ssim, result.scores.lpips)]
            for result in found.results
            if result.scores is not None
        },
    }


def describe_as_text(found: Comparison | None) -> Any:
    """Return ``describe`` as JSON for the hidden text; no change without a comparison."""
    return gr.skip() if found is None else json.dumps(describe(found))


def _finite(value: float | None) -> float | None:
    """Return ``value``; None for what JSON does not know, such as the infinite PSNR of equal pictures."""
    return value if value is not None and abs(value) < 1e6 else None
