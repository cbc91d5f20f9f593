"""What an enlarged PNG file keeps of the file that it comes from."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decloss.files.metadata import read_metadata
from decloss.files.png import PngWriter

MAKE, ORIENTATION, EXIF, GPS = 0x010F, 0x0112, 0x8769, 0x8825
WIDTH, HEIGHT, COLOUR_SPACE, TAKEN, UNIT = 0xA002, 0xA003, 0xA001, 0x9003, 0x0128


def exif_of_a_camera() -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Camera", 6
    exif[EXIF] = {WIDTH: 40, HEIGHT: 24, COLOUR_SPACE: 0xFFFF, TAKEN: "2024:05:06 07:08:09"}
    exif[GPS] = {1: "N", 2: (48.0, 12.0, 30.5)}
    return exif


def save(path: Path, **options: object) -> Path:
    Image.new("RGB", (40, 24), "teal").save(path, **options)
    return path


def enlarged(path: Path) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture of 160 x 96 with the metadata of ``path``, and the notes."""
    metadata, file = read_metadata(path, 96, 160), io.BytesIO()
    png = PngWriter(file, 96, 160, metadata.chunks)
    png.write(np.zeros((96, 160, 3), np.uint8))
    png.close()
    return Image.open(file), metadata.notes


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif"])
def test_exif_data_are_kept_upright_and_of_the_new_size(tmp_path: Path, name: str) -> None:
    dpi = {} if name in ("a.webp", "a.avif") else {"dpi": (300, 200)}
    image, notes = enlarged(save(tmp_path / name, exif=exif_of_a_camera().tobytes(), **dpi))
    found = image.getexif()
    assert found[MAKE] == "Camera" and found[ORIENTATION] == 1 and notes == ()
    assert not {256, 257, 258, 259, 273, 279} & set(found)  # how a TIFF file stores its pixels
    assert found.get_ifd(EXIF) == {WIDTH: 160, HEIGHT: 96, COLOUR_SPACE: 1, TAKEN: "2024:05:06 07:08:09"}
    assert found.get_ifd(GPS) == {1: "N", 2: (48.0, 12.0, 30.5)}
    if dpi:
        assert image.info["dpi"] == pytest.approx((300, 200), abs=0.02)


def test_a_file_without_metadata_gives_none(tmp_path: Path) -> None:
    image, notes = enlarged(save(tmp_path / "a.png"))
    assert notes == () and not {"dpi", "exif"} & set(image.info)


def test_the_thumbnail_is_dropped(tmp_path: Path) -> None:
    thumbnail = struct.pack("<HHHLLHHLLL", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, 9, 0) + b"thumbnail"
    head = b"II*\0" + struct.pack("<LHHHLHHL", 8, 1, UNIT, 3, 1, 2, 0, 26)  # IFD0 at 8, IFD1 at 26
    path = save(tmp_path / "a.jpg", exif=b"Exif\0\0" + head + thumbnail)
    ((kind, exif),) = [chunk for chunk in read_metadata(path, 96, 160).chunks if chunk[0] != b"pHYs"]
    assert kind == b"eXIf" and b"thumbnail" not in exif


@pytest.mark.parametrize("dpi", [(0, 0), (-1, 300), (1e300, 1e300), (float("nan"), 1)], ids=str)
def test_a_resolution_without_meaning_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dpi: object) -> None:
    opened = Image.open

    def odd(*arguments: object, **options: object) -> Image.Image:
        image = opened(*arguments, **options)
        image.info["dpi"] = dpi
        return image

    path = save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "open", odd)
    assert read_metadata(path, 96, 160).chunks == ()


CUT = [exif_of_a_camera().tobytes()[:length] for length in (14, 40, 120)]


@pytest.mark.parametrize("exif", [*CUT, b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_what_is_damaged_or_has_no_place_is_told_in_a_sentence(tmp_path: Path, exif: bytes) -> None:
    path = save(tmp_path / "a.jpg", exif=exif, comment=b"mine", xmp=b"<x:xmpmeta/>", dpi=(300, 300))
    metadata = read_metadata(path, 96, 160)
    assert metadata.notes == ("Not kept: XMP, comments, damaged EXIF data.",)
    assert metadata.chunks[0][0] == b"pHYs"
