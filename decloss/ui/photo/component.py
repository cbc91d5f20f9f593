"""Gradio's components for files, without their reading. Gradio writes an interface file (.pyi) beside subclasses."""

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles

from decloss.ui.photo.input import Uploads, read_upload, read_uploads


class PhotoComponent(gr.Image):
    """An image input whose handlers get the bytes of the file.

    Gradio itself would decode it with every format Pillow knows and without a limit, and change its colours and bits.
    """

    is_template = True  # the page shows it as the image component that it is

    def preprocess(self, payload: ImageData | None) -> bytes | None:
        """See ``read_upload``."""
        return read_upload(payload)


class PhotoFiles(gr.File):
    """A file input for several photos, whose handlers get the bytes of each when they ask for them."""

    is_template = True

    def preprocess(self, payload: ListFiles | FileData | None) -> Uploads | None:
        """See ``read_uploads``."""
        return read_uploads(payload)
