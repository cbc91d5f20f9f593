"""A visitor's photo: from what the page or the API sends to bytes, and from bytes to pixels."""

import base64
import binascii
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles
from gradio.utils import get_upload_folder

from decloss.files.images import ImageError, Photo
from decloss.files.sandbox import decode_once

# The largest photo we accept, 25 million pixels of 16-bit RGB, uncompressed, with its header.
MAX_FILE_BYTES = 160_000_000


class Uploads(Sequence[bytes]):
    """Uploaded files, each read when it is asked for: several at once might not fit into memory."""

    def __init__(self, payloads: Sequence[FileData]) -> None:
        self.payloads = payloads

    def __len__(self) -> int:
        return len(self.payloads)

    def __getitem__(self, index: Any) -> Any:
        return read_upload(self.payloads[index])


def read_uploads(payload: ListFiles | FileData | None) -> Uploads | None:
    """What the page or the API sends for a file input that takes several."""
    if payload is None:
        return None
    return Uploads(list(payload) if isinstance(payload, ListFiles) else [payload])


def read_upload(payload: ImageData | FileData | None) -> bytes | None:
    """The bytes of the uploaded file, or of the data URL that webcam and API may send."""
    if payload is None:
        return None
    if payload.url and payload.url.startswith("data:"):
        return _decode_data_url(payload.url)
    if payload.path is None:
        raise gr.Error("No photo was sent.")
    path = Path(payload.path).resolve()
    # Where a file lies Gradio has looked if the payload bears its mark: a FileData must, an ImageData need not.
    if isinstance(payload, ImageData) and not path.is_relative_to(Path(get_upload_folder()).resolve()):
        raise gr.Error("No photo was sent: upload the file first.")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise gr.Error(_too_large())
        os.utime(path)  # still in use: the sweeper takes what was left alone
        return path.read_bytes()
    except OSError as error:  # uploads are deleted after a while
        raise gr.Error("This photo is no longer on the server; choose it again.") from error


def decode_or_explain(content: bytes | None) -> Photo:
    """The photo, or a ``gr.Error`` with one sentence for the person who sent it."""
    if content is None:
        raise gr.Error("Choose a photo first: upload one, paste one, or click an example.")
    try:
        return decode_once(content)
    except ImageError as error:
        raise gr.Error(str(error)) from error


def _decode_data_url(url: str) -> bytes:
    if len(url) > MAX_FILE_BYTES * 4 // 3:
        raise gr.Error(_too_large())
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise gr.Error("This data URL is not valid base64.") from error


def _too_large() -> str:
    return f"This file is too large: at most {MAX_FILE_BYTES // 10**6} MB are accepted."
