"""Photos that come in through the API, as strictly read as the page's, and pictures that go out."""

from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from pydantic import ValidationError

from decloss.files.images import ImageError, RGBArray, encode_png
from decloss.ui.parts.checks import check_choice, said_to_visitor
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.ui.photo.panel import Place
from decloss.ui.serving.gradio_patches import save_bytes
from decloss.views.scene import Scene
from decloss.zoo.checkpoint import CheckpointError

NO_FILE = "The photo must be a file: send it with gradio_client.handle_file."
DAMAGED = "This checkpoint cannot be used: its file is damaged. Choose another one."


def read_scene(photo: Any, x: Any, y: Any) -> Scene:
    """Return the crop around (``x``, ``y``) in per cent of a photo from the API; raise a ``gr.Error`` for nonsense."""
    place = checked(Place, x=x, y=y)
    try:
        # Gradio has checked where a file lies only if the file has Gradio's mark, which is demanded here.
        file = FileData.model_validate(photo, context={"validate_meta": True})
    except ValidationError as error:
        raise gr.Error(NO_FILE) from error
    with said_to_visitor(ImageError):
        return place.cut(decode_or_explain(Upload(file)).pixels)


def result_of(networks: Networks, scene: Scene, checkpoint: Any) -> RGBArray:
    """Return what the checkpoint of that name makes of the scene, (side, side, 3), or raise a ``gr.Error``."""
    name = check_choice(checkpoint, "The checkpoint", networks.names)
    try:
        return scene.sr(name, networks.load)
    except CheckpointError as error:
        raise gr.Error(DAMAGED) from error


def as_file(pixels: RGBArray, name: str) -> FileData:
    """Save a lossless PNG called ``name``, which Gradio serves and deletes as it does the page's pictures."""
    return FileData(path=save_bytes(encode_png(pixels), name), orig_name=name)
