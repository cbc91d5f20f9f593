import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from conftest import sample_photo
from image_files import BAD_FILES, FINE, GOOD_FILES, PHOTO, save
from PIL import AvifImagePlugin, Image

from decloss.files import images
from decloss.files.images import NO_TEXTS, SUFFIXES, ImageError, decode_photo, encode_png, list_images, shrink


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


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("behind", [False, True], ids=["before the pixels", "behind them"])
@pytest.mark.parametrize("name", NO_TEXTS)
def test_a_text_in_a_png_is_a_text_whatever_it_is_called(name: str, behind: bool) -> None:
    content = encode_png(PHOTO)
    at = content.index(b"IEND" if behind else b"IDAT") - 4
    photo = decode_photo(content[:at] + chunk(b"iTXt", name.encode() + b"\0\0\0\0\0linear") + content[at:])
    assert np.array_equal(photo.pixels, PHOTO) and not photo.notes


def test_the_transparent_level_of_16_bit_grey_is_laid_on_white() -> None:
    grey = np.arange(100, dtype=np.uint16).reshape(10, 10) * 600
    content = save(Image.fromarray(grey), "PNG")
    at = content.index(b"IDAT") - 4
    photo = decode_photo(content[:at] + chunk(b"tRNS", struct.pack(">H", 4200)) + content[at:])
    expected = np.where(grey == 4200, 255, np.rint(grey / 257))
    assert np.array_equal(photo.pixels, np.stack([expected] * 3, axis=-1))
    assert photo.notes == ("16-bit grey: reduced to 8 bits.", "Transparent areas are shown on white.")


def test_the_size_is_checked_before_decoding() -> None:
    """A PNG that claims 60,000 x 60,000 pixels and has none: decoding would fail otherwise, or eat the memory."""
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


def test_pillows_own_limit_does_not_stand_before_a_larger_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    content = encode_png(np.zeros((10, 20, 3), np.uint8))
    with pytest.raises(ImageError, match="too large"):
        decode_photo(content)
    assert decode_photo(content, max_pixels=200_000_000).pixels.shape == (10, 20, 3)


def test_png_round_trip_is_lossless() -> None:
    pixels = sample_photo(33, 21)
    assert np.array_equal(decode_photo(encode_png(pixels)).pixels, pixels)


def test_listing_finds_subfolders_and_refuses_an_empty_folder(photo_folder: Path, tmp_path: Path) -> None:
    assert [path.name for path in list_images(photo_folder)] == ["a.png", "b.png", "d.webp", "c.png"]
    with pytest.raises(ValueError, match="no images"):
        list_images(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        list_images(tmp_path / "absent")


def test_a_folder_gives_every_kind_of_image_that_can_be_read_alone(tmp_path: Path) -> None:
    kinds = {
        "PNG": ["png"], "JPEG": ["jpg", "jpeg", "jfif"], "WEBP": ["webp"], "BMP": ["bmp"], "TIFF": ["tif", "tiff"],
        "GIF": ["gif"], "AVIF": ["avif"], "HEIF": ["heic", "heif", "hif"],
    }  # fmt: skip
    for kind, endings in kinds.items():
        for ending in endings:
            (tmp_path / f"{ending}.{ending.upper()}").write_bytes(save(Image.new("RGB", (16, 16), "white"), kind))
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    found = list_images(tmp_path)
    assert {path.suffix.lower() for path in found} == set(SUFFIXES) and len(found) == len(SUFFIXES)
    assert all(decode_photo(path).pixels.min() > 250 for path in found)


def test_without_its_package_heic_is_refused_with_the_name_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    content, *_ = GOOD_FILES["heic"]()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # cannot be imported
    with pytest.raises(ImageError, match=r"^Reading HEIC needs the package pillow-heif; install it, or"):
        decode_photo(content)
    assert decode_photo(GOOD_FILES["avif"]()[0]).pixels.size


def test_where_pillow_was_built_without_avif_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    content, *_ = GOOD_FILES["avif"]()
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    with pytest.raises(ImageError, match="This installation of Pillow cannot read AVIF"):
        decode_photo(content)


def test_avif_is_decoded_by_one_thread() -> None:
    """Each of a large machine's would take memory that a worker does not have."""
    assert AvifImagePlugin._get_default_max_threads() == 1


def test_heic_of_ten_bits_says_that_they_are_reduced() -> None:
    deep = pillow_heif.from_bytes("RGB;16", (128, 96), (PHOTO.astype(np.uint16) * 257).tobytes())
    buffer = io.BytesIO()
    deep.save(buffer, **FINE["HEIF"])
    photo = decode_photo(buffer.getvalue())
    assert np.abs(photo.pixels.astype(int) - PHOTO).mean() < 3
    assert photo.notes == ("10 bits a channel: reduced to 8.",)


def test_shrinking_keeps_the_mean_colour() -> None:
    pixels = sample_photo(60, 80)
    small = shrink(pixels, 15, 20)
    assert small.shape == (15, 20, 3)
    assert np.allclose(small.mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=2)
