"""The photo and the place in it, above all tabs: what is chosen here is chosen for every tab."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import numpy as np

from decloss.files.examples import FIRST_PLACE, example_photos
from decloss.files.images import ImageError, RGBArray, decode_photo, encode_png
from decloss.ui.parts.address import OWN, Field, photo_named
from decloss.ui.parts.checks import check_choice
from decloss.ui.parts.controls import Slider, checked
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.script import read_script
from decloss.ui.parts.tab import LIVE, PHOTOS, Shared
from decloss.ui.parts.tally import Tallies
from decloss.ui.parts.visitor import Mine
from decloss.ui.photo.component import PhotoComponent
from decloss.ui.photo.input import Upload
from decloss.ui.photo.markup import ALT, BAR, CHANGE, PLACE, row_markup
from decloss.ui.serving.gradio_patches import save_bytes, save_copy
from decloss.views.example_results import ExampleResults
from decloss.views.scene import Scene, cut_scene

REFUSED = "refused"
NOT_IN_LINK = "It is yours alone: a link to this page leaves it out."
NO_PHOTO = "**There is no photo.** A link leaves its maker's own photo out: choose yours, or an example."
"""The note while there is none, which a link brings about, or a camera that took no picture."""
DRAW = "(photo, x, y) => { const shown = {url: photo?.url ?? '', x, y}; return [shown, shown]; }"
"""The script that tells the bar and the framed photo what to draw, without the server."""
# The seconds for which a visitor's pictures are kept in memory.
KEEP_SECONDS = 3600
INSTEAD = (Path(__file__).parent / "instead.js").read_text(encoding="utf-8")
"""The script that shows what ``check_photo`` returns instead of a photo."""


@dataclass(frozen=True)
class Place:
    """The middle of the crop that all tabs look at, in per cent of the photo's sides."""

    x: Annotated[float, Slider("Place, % from the left", 0, 100, 0.5, name="The place (from the left)")] = 50
    y: Annotated[float, Slider("Place, % from the top", 0, 100, 0.5, name="The place (from the top)")] = 50

    def cut(self, pixels: RGBArray) -> Scene:
        """Return the scene around it in a photo, (height, width, 3); raise an ``ImageError`` if that is too small."""
        return cut_scene(pixels, self.x / 100, self.y / 100)


@dataclass(frozen=True)
class PhotoPanel:
    """What the page gets of the built panel."""

    shared: Shared
    """The components that the tabs share."""
    example: Field
    """The address's field of the example photo."""
    place: tuple[Field, ...]
    """The address's fields of the place."""
    changed: Any
    """The event after which the scene is up to date."""
    show: Callable[[Any], Any]
    """A function that brings the scene up to date after another event, too, and returns the event after that."""


def build_photo_panel(mine: Mine, results: ExampleResults, tallies: Tallies) -> PhotoPanel:
    """Lay out and wire the panel inside the current ``gr.Blocks``; hand the rest on to the tabs."""
    examples = example_photos()
    place = Panel(Place, "", "place", defaults=dict(zip(("x", "y"), FIRST_PLACE, strict=True)))
    first = Path(examples[0][0]).name if examples else ""
    with gr.Column(elem_id="photo-panel"):
        bar = _drawn(BAR, "photo-bar", "crop.js", "bar.js")
        row = _drawn(row_markup(), "photo-row", "row.js", value=first)
        note = gr.Markdown(elem_id="photo-note")
        _drawn(CHANGE, "photo-change", "change.js")
        with gr.Column(elem_id="photo-fold"):
            framed = _drawn(PLACE, "photo-place", "crop.js", "frame.js", "place.js")
            photo = PhotoComponent(
                examples[0][0] if examples else None,
                label="Photo",
                format="png",
                sources=["upload", "clipboard", "webcam"],
                buttons=[],
                height=300,
                elem_id="photo",
                alt_text=ALT,
            )
            with gr.Accordion("Exact place", open=False, elem_id="photo-exact"):
                place.lay_out()
            with gr.Accordion("Credits of the examples", open=False, elem_id="photo-credits"):
                gr.Markdown("\n".join(f"- {credit}" for _, credit in examples))
    scene, shown = gr.State(None, time_to_live=KEEP_SECONDS), gr.State("")
    example, instead = gr.Textbox(first, visible=False), gr.JSON(visible=False)
    # The event is not .input, which can come before the new photo does when one is pasted.
    photo.change(check_photo, [photo, shown], [instead, note, shown, example], **PHOTOS)
    instead.change(None, [instead, photo], photo, js=INSTEAD, **LIVE)
    row.select(choose_example, None, photo, **PHOTOS)
    example.change(None, example, row, js="(name) => name", **LIVE)
    drawn: dict[str, Any] = {"fn": None, "inputs": [photo, *place.inputs], "outputs": [bar, framed], "js": DRAW, **LIVE}
    gr.on([photo.change, *place.changes()], **drawn)
    framed.input(None, framed, place.inputs, js="({x, y}) => [x, y]", **LIVE)
    cut = (show_place, [photo, *place.inputs], scene)
    changed = gr.on([photo.change, *place.changes()], *cut, **PHOTOS)

    def show(event: Any) -> Any:
        event.then(**drawn)
        return event.then(*cut, **PHOTOS)

    return PhotoPanel(
        Shared(photo, place["x"], place["y"], scene, mine, results, tallies),
        Field("photo", example, photo_named),
        place.fields,
        changed,
        show,
    )


def _drawn(markup: str, elem_id: str, *scripts: str, value: Any = None) -> gr.HTML:
    """Build HTML that the ``scripts`` of this folder draw into, joined in their order."""
    script = read_script(*(Path(__file__).parent / name for name in scripts))
    return gr.HTML(value, html_template=markup, js_on_load=script, elem_id=elem_id, apply_default_css=False)


def choose_example(event: gr.SelectData) -> str:
    """Return the file of the example that was clicked, where Gradio serves it; raise a ``gr.Error`` for other names."""
    paths = {Path(path).name: Path(path) for path, _ in example_photos()}
    return save_copy(paths[check_choice(event.value, "The example", list(paths))])


def check_photo(upload: Upload | None, shown: str) -> tuple[Any, Any, str, str]:
    """Return what to show instead (if anything), a note, what is shown, and the example's name or ``OWN``.

    A photo that browsers do not draw as it will be used is shown as a PNG, and a file that cannot be used is taken out.
    Both change the photo once more, and so call this again: ``shown``, a digest of what was put there or ``REFUSED``,
    then tells that no visitor did it, and the note stays. The page puts it there only while ``upload`` is the photo: a
    visitor may choose the next one before the answer comes.
    """
    if upload is None:  # this event may come more than once
        return (gr.skip(), gr.skip(), REFUSED, OWN) if shown == REFUSED else (gr.skip(), NO_PHOTO, "", OWN)
    try:
        photo = upload.photo()
    except ImageError as error:
        if shown != REFUSED:  # after the first, the note alone tells of it
            gr.Warning(str(error))
        return _instead(upload, None), f"**{error}**", REFUSED, OWN
    digest = _digest(photo.pixels)
    as_it_is = not photo.notes and upload.is_drawn()
    if as_it_is and digest == shown:
        return gr.skip(), gr.skip(), shown, gr.skip()
    height, width = photo.pixels.shape[:2]
    example = _examples().get(digest, OWN)
    text = " ".join((f"{width} × {height} pixels.", *photo.notes, *[NOT_IN_LINK] * (example == OWN)))
    if as_it_is:
        return gr.skip(), text, digest, example
    return _instead(upload, save_bytes(encode_png(photo.pixels), "image.png")), text, digest, example


def _instead(upload: Upload, path: str | None) -> dict[str, Any]:
    """Return that the picture at ``path``, or none, shall be shown instead of ``upload``; ``instead.js`` reads it."""
    return {"of": upload.payload.path, "path": path, "at": time.time_ns()}  # the time makes each differ to the page


def show_place(upload: Upload | None, x: float, y: float) -> Scene | None:
    """Return the scene around (x, y) in per cent; None if the photo is missing or too small."""
    if upload is None:
        return None
    place = checked(Place, x=x, y=y)
    try:
        return place.cut(upload.photo().pixels)
    except ImageError:  # the visitor was told when choosing it, or each tab says that it is too small
        return None


@cache
def _examples() -> dict[str, str]:
    """Return the names of the examples by the digests of their pixels."""
    return {_digest(decode_photo(Path(path)).pixels): Path(path).name for path, _ in example_photos()}


def _digest(pixels: RGBArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()
