"""Gradio's image component without its decoding. Gradio writes an interface file (.pyi) beside each subclass."""

import gradio as gr
from gradio.data_classes import ImageData

from decloss.ui.photo_input import read_upload


class PhotoComponent(gr.Image):
    """An image input whose handlers get the bytes of the file.

    Gradio itself would decode it with every format Pillow knows and without a limit, and change its colours and bits.
    """

    is_template = True  # the page shows it as the image component that it is

    def preprocess(self, payload: ImageData | None) -> bytes | None:
        """See ``read_upload``."""
        return read_upload(payload)
