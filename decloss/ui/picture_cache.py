"""Gradio's cache of pictures, written whole: it names files by content and empties one to write the same again.

Whoever is being sent that file at the moment would get half a picture.
"""

import uuid
from pathlib import Path

from gradio import processing_utils
from PIL import Image


def write_pictures_whole() -> None:
    """Let Gradio save pictures with ``save_whole``."""
    processing_utils.save_pil_to_cache = save_whole


def save_whole(img: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
    """``gradio.processing_utils.save_pil_to_cache``, but the file is the old one or the new one at any moment."""
    content = processing_utils.encode_pil_to_bytes(img, format)
    path = (Path(cache_dir) / processing_utils.hash_bytes(content) / f"{name}.{format}").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")  # several threads may save the same picture
    part.write_bytes(content)
    part.replace(path)  # new also if it was there: the sweeper goes by age
    return str(path)
