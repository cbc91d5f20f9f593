"""Gradio's cache of pictures, written whole: it names files by content and empties one to write the same again.

Whoever is being sent that file at the moment would get half a picture.
"""

import uuid
from pathlib import Path

from gradio import processing_utils
from PIL import Image

from decloss.files.images import encode_png


def write_pictures_whole() -> None:
    """Let Gradio save pictures with ``save_whole``."""
    processing_utils.save_pil_to_cache = save_whole


def save_whole(img: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
    """``gradio.processing_utils.save_pil_to_cache``, but the file is the old one or the new one at any moment."""
    plain = format == "png" and img.mode == "RGB"  # ours all are; Gradio's own encoding takes twice as long
    content = encode_png(img) if plain else processing_utils.encode_pil_to_bytes(img, format)
    path = (Path(cache_dir) / processing_utils.hash_bytes(content) / f"{name}.{format}").resolve()
    part = path.with_name(f".{uuid.uuid4().hex}.part")  # several threads may save the same picture
    try:
        _write(part, content)
    except FileNotFoundError:  # the sweeper took the folder, which was empty, at this moment
        _write(part, content)
    part.replace(path)  # new also if it was there: the sweeper goes by age
    return str(path)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
