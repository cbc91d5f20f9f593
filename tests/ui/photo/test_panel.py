"""What the panel does with a file that was chosen: browsers must be able to draw what it shows, as it will be used."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import sample_photo
from gradio.data_classes import ImageData
from image_files import GOOD_FILES, save
from PIL import Image

from decloss.files.examples import example_photos
from decloss.ui.parts.address import OWN, photo_named
from decloss.ui.photo.input import Upload
from decloss.ui.photo.panel import NO_PHOTO, NOT_IN_LINK, REFUSED, check_photo

PHOTO = Image.fromarray(sample_photo(70, 90))
DRAWN: dict[str, Callable[[], bytes]] = {
    "photo.png": lambda: save(PHOTO, "PNG"),
    "grey.png": lambda: save(PHOTO.convert("L"), "PNG"),
    "photo.JPG": lambda: save(PHOTO, "JPEG"),
    "grey.jpeg": lambda: save(PHOTO.convert("L"), "JPEG", progressive=True),
    "photo.webp": lambda: save(PHOTO, "WEBP"),
    "photo.gif": lambda: save(PHOTO, "GIF"),
    "photo.bmp": lambda: save(PHOTO, "BMP"),
}
NOT_DRAWN: dict[str, Callable[[], bytes]] = {
    "photo.tif": lambda: save(PHOTO, "TIFF"),
    "tiff inside.png": lambda: save(PHOTO, "TIFF"),
    "png inside.svg": lambda: save(PHOTO, "PNG"),
    "cmyk.jpg": lambda: save(PHOTO.convert("CMYK"), "JPEG"),
    "late cmyk.jpg": lambda: save(PHOTO.convert("CMYK"), "JPEG", progressive=True, icc_profile=bytes(300_000)),
    "deep.png": lambda: GOOD_FILES["16-bit rgb png"]()[0],
}


@pytest.fixture
def uploaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], Upload]:
    """Puts a file into the folder of uploads."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    def put(name: str, content: bytes) -> Upload:
        (tmp_path / name).write_bytes(content)
        return Upload(ImageData(path=str(tmp_path / name)))

    return put


@pytest.mark.parametrize("name", DRAWN)
def test_what_browsers_draw_stays_as_it_is(uploaded: Callable[[str, bytes], Upload], name: str) -> None:
    shown, note, digest, _ = check_photo(uploaded(name, DRAWN[name]()), "")
    assert shown == gr.skip() and note == f"90 × 70 pixels. {NOT_IN_LINK}" and len(digest) == 64


@pytest.mark.parametrize("name", NOT_DRAWN)
def test_what_they_do_not_is_shown_as_it_will_be_used_and_again_when_it_is_chosen_again(
    uploaded: Callable[[str, bytes], Upload], name: str
) -> None:
    upload = uploaded(name, NOT_DRAWN[name]())
    first, note, digest, _ = check_photo(upload, "")
    shown = Image.open(first["path"])
    assert np.array_equal(np.asarray(shown), upload.photo().pixels) and shown.format == "PNG" and "pixels." in note
    assert first["of"] == upload.payload.path
    # What was put there comes back, and nothing changes any more; then the visitor chooses the file once more.
    back = uploaded("back.png", Path(first["path"]).read_bytes())
    assert check_photo(back, digest) == (gr.skip(), gr.skip(), digest, gr.skip())
    again, same, _, _ = check_photo(upload, digest)
    assert again["path"] == first["path"] and again != first and same == note


def test_only_an_example_is_part_of_the_link(uploaded: Callable[[str, bytes], Upload]) -> None:
    path = Path(example_photos()[1][0])
    _, note, shown, example = check_photo(uploaded(path.name, path.read_bytes()), "")
    assert example == path.name and NOT_IN_LINK not in note
    assert check_photo(uploaded("photo.png", DRAWN["photo.png"]()), shown)[3] == OWN
    assert check_photo(None, shown)[3] == check_photo(None, REFUSED)[3] == OWN
    assert check_photo(None, shown)[1] == NO_PHOTO
    for text in (OWN, ""):  # in links of before it was empty
        assert photo_named(text) == gr.update(value=None)
