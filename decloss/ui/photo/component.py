"""Gradio's components for files, which do not read the files themselves.

They stand alone in this file: Gradio writes a copy of it (.pyi) beside it, which type checkers then read instead.
"""

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles

from decloss.ui.photo.input import Upload, Uploads, read_uploads


class PhotoComponent(gr.Image):
    """An image input whose handlers get an ``Upload``.

    Gradio itself would decode it with every format Pillow knows and without a limit, and change its colours and bits.
    """

    is_template = True  # the page shows it as the image component that it is

    def preprocess(self, payload: ImageData | None) -> Upload | None:
        """Return where the photo lies, without reading it."""
        return Upload(payload) if payload is not None else None


class PhotoFiles(gr.File):
    """A file input for several photos, whose handlers get the bytes of each when they ask for them."""

    is_template = True

    def preprocess(self, payload: ListFiles | FileData | None) -> Uploads | None:
        """Return the files as ``read_uploads`` does."""
        return read_uploads(payload)
