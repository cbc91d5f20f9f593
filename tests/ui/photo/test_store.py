"""A photo is read and decoded once, for whoever asks; few are kept, and a file that is gone is not there any more."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from gradio.data_classes import FileData, ImageData
from systems import posix

from decloss.files.images import ImageError, Photo, encode_png
from decloss.ui.photo import input as photo_input
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.ui.photo.panel import show_place
from decloss.ui.photo.store import PhotoStore

LONG = 60.0
PIXELS = sample_photo(70, 90)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The files that were decoded, by a store of the test's own."""
    decoded: list[bytes] = []
    decode = photo_input.decode_untrusted

    def recorded(content: bytes) -> Photo:
        decoded.append(content)
        return decode(content)

    monkeypatch.setattr(photo_input, "decode_untrusted", recorded)
    monkeypatch.setattr(photo_input, "_decoded", PhotoStore())
    return decoded


@pytest.fixture
def uploaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo in the folder of uploads."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    path = tmp_path / "cache" / "digest" / "photo.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode_png(PIXELS))
    return path


def test_moving_the_place_neither_reads_nor_decodes_the_file_again(
    uploaded: Path, decoded: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Upload(ImageData(path=str(uploaded)))
    show_place(upload, 50, 50)
    monkeypatch.setattr(photo_input, "_read", lambda path: pytest.fail(f"{path} was read again"))
    for x in (0, 50, 100):
        assert show_place(upload, x, 50) is not None
    assert np.array_equal(Upload(FileData(path=str(uploaded))).photo().pixels, PIXELS) and len(decoded) == 1


def test_each_use_renews_the_file_and_one_that_is_gone_is_asked_for_again(uploaded: Path, decoded: list[bytes]) -> None:
    upload = Upload(ImageData(path=str(uploaded)))
    for _ in range(2):
        os.utime(uploaded, (0, 0))
        upload.photo()
        assert uploaded.stat().st_mtime > time.time() - LONG  # the sweeper takes what was left alone
    uploaded.unlink()
    with pytest.raises(gr.Error, match="no longer on the server"):
        show_place(upload, 50, 50)
    assert len(decoded) == 1


@posix
def test_a_file_outside_of_the_uploads_or_too_large_is_not_opened(
    uploaded: Path, tmp_path: Path, decoded: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside.png").write_bytes(uploaded.read_bytes())
    (uploaded.parent / "link.png").symlink_to(tmp_path / "outside.png")
    for name in ("../../outside.png", "link.png", "\0", "\ud800"):
        with pytest.raises(gr.Error, match="upload the file first"):
            decode_or_explain(Upload(ImageData(path=f"{uploaded.parent}/{name}")))
    monkeypatch.setattr(photo_input, "MAX_PHOTO_BYTES", uploaded.stat().st_size - 1)
    with pytest.raises(gr.Error, match="too large: at most"):
        decode_or_explain(Upload(ImageData(path=str(uploaded))))
    assert not decoded


def test_whoever_asks_for_a_photo_at_the_same_time_shares_one_decoding(uploaded: Path, decoded: list[bytes]) -> None:
    with ThreadPoolExecutor(8) as visitors:
        photos = list(visitors.map(lambda _: Upload(ImageData(path=str(uploaded))).photo(), range(8)))
    assert len(decoded) == 1 and all(photo is photos[0] for photo in photos)


def test_a_photo_is_decoded_once_while_there_is_room_and_cannot_be_changed() -> None:
    asked: list[str] = []
    store = PhotoStore(700)  # two photos

    def get(name: str) -> Photo:
        def decode() -> Photo:
            asked.append(name)
            return Photo(np.zeros((10, 10, 3), np.uint8))

        return store.get(name, decode)

    first = get("a")
    assert get("a") is first and asked == ["a"]
    with pytest.raises(ValueError, match="read-only"):
        first.pixels[0, 0] = 1
    for name in "bacaba":  # each time what was asked for longest ago goes
        get(name)
    assert asked == ["a", "b", "c", "b"]


def test_those_who_ask_at_the_same_time_share_one_error_which_is_not_kept() -> None:
    begun, go, asked, heard = threading.Event(), threading.Event(), [], []
    store = PhotoStore(700)

    def decode() -> Photo:
        asked.append("a")
        begun.set()
        assert go.wait(LONG)
        raise ImageError("no")

    def ask() -> None:
        try:
            store.get("a", decode)
        except ImageError as error:
            heard.append(str(error))

    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(LONG)
    others = [threading.Thread(target=ask) for _ in range(3)]
    for thread in others:
        thread.start()
    until = time.monotonic() + LONG
    while not all(_waits_for_a_result(thread) for thread in others):
        assert time.monotonic() < until
        time.sleep(0.02)
    go.set()
    for thread in (first, *others):
        thread.join()
    assert heard == ["no"] * 4 and asked == ["a"]
    with pytest.raises(ImageError):
        store.get("a", decode)
    assert len(asked) == 2


def _waits_for_a_result(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None and frame.f_code.co_name != "result":
        frame = frame.f_back
    return frame is not None
