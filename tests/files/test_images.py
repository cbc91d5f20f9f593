import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import sample_photo
from image_files import BAD_FILES, GOOD_FILES
from PIL import Image

from decloss.files import images
from decloss.files.images import ImageError, decode_photo, encode_png, list_images, shrink


@pytest.mark.parametrize("name", GOOD_FILES)
def test_every_kind_of_image_decodes_to_upright_rgb(name: str) -> None:
    content, expected, note = GOOD_FILES[name]()
    photo = decode_photo(content)
    assert photo.pixels.dtype == np.uint8 and photo.pixels.shape == expected.shape
    assert np.abs(photo.pixels.astype(int) - expected).mean() < 3
    assert any(note in text for text in photo.notes) if note else not photo.notes


@pytest.mark.parametrize("name", GOOD_FILES)
def test_converted_in_strips_a_photo_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content, *_ = GOOD_FILES[name]()
    whole = decode_photo(content)
    monkeypatch.setattr(images, "STRIP", 1000)  # some 7 rows
    strips = decode_photo(content)
    assert np.array_equal(strips.pixels, whole.pixels) and strips.notes == whole.notes


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused_in_one_sentence(name: str) -> None:
    content, message = BAD_FILES[name]()
    with pytest.raises(ImageError, match=message) as error:
        decode_photo(content)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_the_size_is_checked_before_decoding() -> None:
    """A PNG that claims 60,000 x 60,000 pixels and has none: decoding would fail otherwise, or eat the memory."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (6_000, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        with pytest.raises(ImageError, match="25 million"):
            decode_photo(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"nothing"))


def test_the_limit_is_exact() -> None:
    buffer = io.BytesIO()
    Image.new("L", (20, 10)).save(buffer, format="PNG")
    assert decode_photo(buffer.getvalue(), max_pixels=200).pixels.shape == (10, 20, 3)
    with pytest.raises(ImageError, match="20 x 10"):
        decode_photo(buffer.getvalue(), max_pixels=199)


def test_png_round_trip_is_lossless() -> None:
    pixels = sample_photo(33, 21)
    assert np.array_equal(decode_photo(encode_png(pixels)).pixels, pixels)


def test_listing_finds_subfolders_and_refuses_an_empty_folder(photo_folder: Path, tmp_path: Path) -> None:
    assert [path.name for path in list_images(photo_folder)] == ["a.png", "b.png", "d.webp", "c.png"]
    with pytest.raises(ValueError, match="no images"):
        list_images(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        list_images(tmp_path / "absent")


def test_shrinking_keeps_the_mean_colour() -> None:
    pixels = sample_photo(60, 80)
    small = shrink(pixels, 15, 20)
    assert small.shape == (15, 20, 3)
    assert np.allclose(small.mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=2)
