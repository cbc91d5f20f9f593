"""A visitor's photo, as the page or the API sends it; its pixels are decoded when they are asked for, and only once."""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles

from decloss.files.images import MAX_PHOTO_BYTES, ImageError, Photo
from decloss.files.sandbox import decode_untrusted
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.photo.store import PhotoStore
from decloss.ui.serving.gradio_patches import upload_folder

ELSEWHERE = "No photo was sent: upload the file first."

DRAWN = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF....WEBP|....ftypavi[fs]", re.DOTALL)
"""The beginnings of files that every browser draws."""
CMYK = re.compile(rb"\xff[\xc0-\xc2]\0\x14\x08....\x04", re.DOTALL)
"""A piece of the head of a JPEG with four colours, which browsers draw each in its own way."""
DRAWN_AS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif")
LONGEST_NAME = 40
"""The most letters that are shown of a file's name."""
HEAD = 2**22
"""The bytes that are searched for ``CMYK``, before which a colour profile may stand."""

_decoded = PhotoStore()


@dataclass(frozen=True)
class Upload:
    """A photo that a visitor sent, which is not read yet. The messages of all its errors are for the visitor."""

    payload: ImageData | FileData
    """A file in the folder of uploads, or a data URL."""

    def photo(self) -> Photo:
        """Return the decoded photo, read-only. While there is room to keep it, the file is not read or decoded again.

        Raises:
            ImageError: if it cannot be decoded.
            gr.Error: if there is no such file, or it is too large.
        """
        if self._is_data_url():  # programs send these; the page sends files
            return decode_untrusted(self.read())
        path, size = self._find()
        # Gradio names the folder of each file after the file's content, so that the path stands for the content.
        return _decoded.get((path, size), lambda: decode_untrusted(_read(path)))

    def read(self) -> bytes:
        """Return the bytes of the file; raise a ``gr.Error`` if there is none, or it is too large."""
        return _decode_data_url(self.payload.url or "") if self._is_data_url() else _read(self._find()[0])

    def is_drawn(self) -> bool:
        """Return whether browsers draw the file, in the colours of ``photo`` if that has no notes."""
        if self._is_data_url():
            return False
        path, _ = self._find()
        head = _read(path, HEAD)
        known = path.suffix.lower() in DRAWN_AS and DRAWN.match(head) is not None
        return known and not (head.startswith(b"\xff\xd8") and CMYK.search(head))

    def _is_data_url(self) -> bool:
        return (self.payload.url or "").startswith("data:")

    def _find(self) -> tuple[Path, int]:
        """Return the file's path and size in bytes, and make it look new, so that the sweeper leaves it for a while."""
        if self.payload.path is None:
            raise gr.Error("No photo was sent.")
        try:
            path = Path(self.payload.path).resolve()
        except ValueError as error:  # no file can have such a name
            raise gr.Error(ELSEWHERE) from error
        # Gradio has checked where a file lies if the payload has its mark: a FileData must, an ImageData need not.
        if isinstance(self.payload, ImageData) and not path.is_relative_to(upload_folder().resolve()):
            raise gr.Error(ELSEWHERE)
        try:
            size = path.stat().st_size
            os.utime(path)
        except OSError as error:
            raise _gone() from error
        if size > MAX_PHOTO_BYTES:
            raise _too_large()
        return path, size


class Uploads(Sequence[bytes]):
    """Uploaded files, each read when it is asked for: several at once might not fit into memory.

    An ``ImageError`` says why one cannot be read.
    """

    def __init__(self, payloads: Sequence[FileData]) -> None:
        self.payloads = payloads

    def __len__(self) -> int:
        return len(self.payloads)

    def __getitem__(self, index: Any) -> Any:
        try:
            return Upload(self.payloads[index]).read()
        except gr.Error as error:
            raise ImageError(error.message) from error

    @property
    def names(self) -> list[str]:
        """The files' names for sentences, which are short and mean nothing in Markdown or HTML."""
        return [_shown_name(file.orig_name or file.path) for file in self.payloads]


def read_uploads(payload: ListFiles | FileData | None) -> Uploads | None:
    """Return the files that the page or the API sends for a file input that takes several; None for nothing."""
    if payload is None:
        return None
    return Uploads(list(payload) if isinstance(payload, ListFiles) else [payload])


def decode_or_explain(upload: Upload | None) -> Photo:
    """Return the photo; raise a ``gr.Error`` with one sentence for the person who sent it."""
    if upload is None:
        raise gr.Error("Choose a photo first: upload one, paste one, or click an example.")
    with said_to_visitor(ImageError):
        return upload.photo()


def _read(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise _gone() from error


def _decode_data_url(url: str) -> bytes:
    if len(url) > MAX_PHOTO_BYTES * 4 // 3:
        raise _too_large()
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise gr.Error("This data URL is not valid base64.") from error


def _shown_name(path: str) -> str:
    name = "".join(letter for letter in Path(path).name if letter.isprintable())
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 12]}…{name[-11:]}"
    return re.sub(r"[^\w .…-]", lambda letter: f"&#{ord(letter[0])};", short)


def _gone() -> gr.Error:
    """Return the error for an upload that is gone, since uploads are deleted after a while."""
    return gr.Error("This photo is no longer on the server; choose it again.")


def _too_large() -> gr.Error:
    return gr.Error(f"This file is too large: at most {MAX_PHOTO_BYTES // 10**6} MB are accepted.")
