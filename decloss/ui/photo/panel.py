"""The photo and the place in it, above all tabs: what is chosen here is chosen for every tab."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import numpy as np

from decloss.files.examples import FIRST_PLACE, example_photos
from decloss.files.images import ImageError, RGBArray, decode_photo
from decloss.ui.parts.address import OWN, Field, photo_named
from decloss.ui.parts.checks import percent_of_click
from decloss.ui.parts.controls import Slider, checked
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import PHOTOS, PRIVATE, Shared
from decloss.ui.parts.visitor import Mine
from decloss.ui.photo.component import PhotoComponent
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.views.scene import Scene, cut_scene

REFUSED = "refused"
NOT_IN_LINK = "It is yours alone: a link to this page leaves it out."
# The seconds for which a visitor's pictures are kept in memory.
KEEP_SECONDS = 3600


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


def build_photo_panel(mine: Mine) -> PhotoPanel:
    """Lay out and wire the panel inside the current ``gr.Blocks``; ``mine`` is handed on to the tabs."""
    examples = example_photos()
    place = Panel(Place, "", "place", defaults=dict(zip(("x", "y"), FIRST_PLACE, strict=True)))
    with gr.Row(equal_height=False, elem_id="photo-panel"):
        with gr.Column(scale=5, min_width=320):
            photo = PhotoComponent(
                examples[0][0] if examples else None,
                label="Photo: click the place to look at",
                format="png",
                sources=["upload", "clipboard", "webcam"],
                buttons=["fullscreen"],
                height=300,
                elem_id="photo",
                alt_text="The photo that all tabs look at",
            )
            note = gr.Markdown(elem_id="photo-note")
        with gr.Column(scale=4, min_width=320):
            gr.Examples(
                [[path] for path, _ in examples],
                inputs=[photo],
                label="Or start from an example",
                elem_id="examples",
                **PRIVATE,
            )
            with gr.Row(equal_height=False):
                region = gr.Image(
                    label="The place",
                    format="png",
                    interactive=False,
                    buttons=[],
                    height=150,
                    elem_id="place",
                    alt_text="The crop that the tabs look at, as in the original photo",
                    scale=1,
                    min_width=130,
                )
                with gr.Column(scale=2, min_width=170):
                    place.lay_out()
            with gr.Accordion("Credits of the examples", open=False):
                gr.Markdown("\n".join(f"- {credit}" for _, credit in examples))
    scene, shown = gr.State(None, time_to_live=KEEP_SECONDS), gr.State("")
    example = gr.Textbox(Path(examples[0][0]).name if examples else "", visible=False)
    # The event is not .input, which can come before the new photo does when one is pasted.
    checked = [photo, note, shown, example]
    photo.change(check_photo, [photo, shown], checked, **PHOTOS)
    photo.select(clicked_photo, photo, [*place.inputs, note], **PHOTOS)
    shown_place = (show_place, [photo, *place.inputs], [scene, region])
    changed = gr.on([photo.change, *place.changes()], *shown_place, **PHOTOS)
    return PhotoPanel(
        Shared(photo, place["x"], place["y"], scene, mine),
        Field("photo", example, photo_named),
        place.fields,
        changed,
        lambda event: event.then(*shown_place, **PHOTOS),
    )


def describe_examples() -> str:
    """Return JavaScript that gives the examples' thumbnails the alt texts that Gradio leaves empty."""
    credits = json.dumps([credit for _, credit in example_photos()])
    return f"() => {credits}.forEach((text, i) => {{ document.querySelectorAll('#examples img')[i].alt = text; }})"


def check_photo(upload: Upload | None, shown: str) -> tuple[Any, Any, str, str]:
    """Return the photo to show (only if it differs), a note, what is shown, and the example's name or ``OWN``.

    A photo that browsers do not draw as it will be used is shown as a PNG, and a file that cannot be used is taken out.
    Both change the photo once more, and so call this again: ``shown``, a digest of what was put there or ``REFUSED``,
    then tells that no visitor did it, and the note stays.
    """
    if upload is None:  # this event may come more than once
        return (gr.skip(), gr.skip(), REFUSED, OWN) if shown == REFUSED else (gr.skip(), "", "", OWN)
    try:
        photo = upload.photo()
    except ImageError as error:
        if shown != REFUSED:  # after the first, the note alone tells of it
            gr.Warning(str(error))
        return None, f"**{error}**", REFUSED, OWN
    digest = _digest(photo.pixels)
    as_it_is = not photo.notes and upload.is_drawn()
    if as_it_is and digest == shown:
        return gr.skip(), gr.skip(), shown, gr.skip()
    height, width = photo.pixels.shape[:2]
    example = _examples().get(digest, OWN)
    text = " ".join((f"{width} × {height} pixels.", *photo.notes, *[NOT_IN_LINK] * (example == OWN)))
    return gr.skip() if as_it_is else photo.pixels, text, digest, example


def clicked_photo(upload: Upload | None, event: gr.SelectData) -> tuple[float, float, str]:
    """Return the place of a click in per cent from the left and from the top, and a note that says so."""
    height, width = decode_or_explain(upload).pixels.shape[:2]
    x, y = (round(value) for value in percent_of_click(event.index, width, height))
    return x, y, f"{width} × {height} pixels. The place is around {x} % from the left, {y} % from the top."


def show_place(upload: Upload | None, x: float, y: float) -> tuple[Scene | None, RGBArray | None]:
    """Return the scene around (x, y) in per cent and its HR crop; (None, None) if the photo is missing or small."""
    if upload is None:
        return None, None
    place = checked(Place, x=x, y=y)
    try:
        scene = place.cut(upload.photo().pixels)
    except ImageError:  # the visitor was told when choosing it, or each tab says that it is too small
        return None, None
    return scene, scene.hr


@cache
def _examples() -> dict[str, str]:
    """Return the names of the examples by the digests of their pixels."""
    return {_digest(decode_photo(Path(path)).pixels): Path(path).name for path, _ in example_photos()}


def _digest(pixels: RGBArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()
