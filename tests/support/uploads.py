"""Photos as the page's callbacks get them."""

import base64

from gradio.data_classes import ImageData

from decloss.ui.photo.input import Upload


def as_upload(content: bytes) -> Upload:
    """A file with the bytes ``content``, sent inside of the call."""
    return Upload(ImageData(url="data:;base64," + base64.b64encode(content).decode()))
