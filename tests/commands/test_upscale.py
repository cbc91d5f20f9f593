"""``python -m decloss upscale``: many files, none lost, with what they say of themselves."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import run_python, sample_photo
from PIL import Image

from decloss.data import pairs
from decloss.files.images import decode_photo, encode_png
from decloss.files.png import PngWriter
from decloss.inference import upscaling
from decloss.models import EDSR, bicubic_upscale
from decloss.pixels import to_pixels, to_tensor
from decloss.zoo.checkpoint import save_checkpoint


def upscale(*words: str | Path, model: str | Path = "bicubic") -> "subprocess.CompletedProcess[str]":
    return run_python("-m", "decloss", "upscale", *map(str, words), "--model", str(model))


def refused(*words: str | Path) -> str:
    """The sentence with which a call is refused as a whole."""
    result = upscale(*words)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    return result.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos, one in a subfolder, and a file that is none."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for seed, name in enumerate(("a.jpg", "b.png", "sub/a.webp")):
        Image.fromarray(sample_photo(12, 16, seed)).save(folder / name)
    (folder / "bad.png").write_bytes(b"nothing")
    return folder


def test_a_folder_becomes_a_folder_and_a_bad_file_is_named_and_left_out(photos: Path, tmp_path: Path) -> None:
    result = upscale(photos, tmp_path / "new" / "out")
    assert result.returncode == 1 and re.search(r"Left out .*bad\.png: .*not an image", result.stderr)
    assert sorted(files(tmp_path / "new")) == ["out/a.png", "out/b.png", "out/sub/a.png"]
    for name, made in (("b.png", "b.png"), ("sub/a.webp", "sub/a.png")):
        expected = to_pixels(bicubic_upscale(to_tensor(decode_photo(photos / name).pixels)))
        assert np.array_equal(np.asarray(Image.open(tmp_path / "new" / "out" / made)), expected)


def test_files_and_folders_go_together_and_a_photo_may_be_given_twice(photos: Path, tmp_path: Path) -> None:
    result = upscale(photos / "a.jpg", photos / "b.png", photos / "b.png", photos / "sub" / "a.webp", tmp_path / "out")
    assert result.returncode == 2 and re.search(r"a\.jpg and \S+a\.webp would both become \S+a\.png", result.stderr)
    assert upscale(photos / "b.png", photos / "b.png", photos / "sub", tmp_path / "out").returncode == 0
    assert sorted(files(tmp_path / "out")) == ["a.png", "b.png"]
    assert upscale(photos / "b.png", tmp_path / "one").returncode == 0  # a folder, since it has no suffix
    assert sorted(files(tmp_path / "one")) == ["b.png"]


def test_a_second_run_does_not_take_its_results_for_photos(photos: Path) -> None:
    (photos / "bad.png").unlink()
    assert upscale(photos, photos / "out").returncode == 0
    before = files(photos)
    assert re.search(r"out/a\.png exists already, and so do 2 more: --overwrite", refused(photos, photos / "out"))
    assert upscale(photos, photos / "out", "--overwrite").returncode == 0
    assert files(photos) == before
    link = photos.parent / "link"  # the same folder, by another name
    link.symlink_to(photos)
    assert upscale(link, photos / "out", "--overwrite").returncode == 0
    assert upscale(photos, link / "out", "--overwrite").returncode == 0
    assert files(photos) == before


def test_results_never_go_among_the_photos_of_a_folder(photos: Path) -> None:
    before = files(photos)
    assert "would be one of the photos of" in refused(photos, photos)
    assert "would be one of the photos of" in refused(photos, photos / "sub" / "..", "--overwrite")
    (photos / "sub" / "sub").mkdir()
    Image.fromarray(sample_photo(8, 8)).save(photos / "sub" / "sub" / "c.png")
    assert "would be one of the photos of" in refused(photos / "sub", photos)
    assert before.items() <= files(photos).items() and len(files(photos)) == len(before) + 1


def test_the_original_is_never_overwritten_by_whatever_name(photos: Path, tmp_path: Path) -> None:
    photo, before = photos / "b.png", files(photos)
    (tmp_path / "link.png").symlink_to(photo)
    (tmp_path / "hard.png").hardlink_to(photo)
    (tmp_path / "folder").symlink_to(photos)
    for output in (photo, tmp_path / "link.png", tmp_path / "hard.png", tmp_path / "folder" / "b.png", photos):
        assert "would be lost" in refused(photo, output, "--overwrite"), output
        assert "would be lost" in refused(photo, output)
    assert files(photos) == before


def test_nothing_is_overwritten_without_being_asked(photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"mine")
    assert "--overwrite" in refused(photos / "b.png", target) and target.read_bytes() == b"mine"
    assert upscale(photos / "b.png", target, "--overwrite").returncode == 0
    assert Image.open(target).size == (64, 48)


def test_names_that_collide_are_told_before_anything_is_written(photos: Path, tmp_path: Path) -> None:
    Image.fromarray(sample_photo(8, 8)).save(photos / "A.gif.png")
    Image.fromarray(sample_photo(8, 8)).save(photos / "B.jpg")  # where case does not matter, b.png's result
    assert re.search(r"B\.jpg and \S+b\.png would both become", refused(photos, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [("out.jpg", r"must end in \.png, got out\.jpg"), ("b.png/", "is the name of a file"), (None, "give what to enl")],
)
def test_an_output_without_sense_is_refused(photos: Path, output: str | None, message: str) -> None:
    words = {"out.jpg": [photos / "b.png"], "b.png/": [photos / "a.jpg", photos / "bad.png"], None: []}[output]
    assert re.search(message, refused(*words, photos / (output or "b.png")))


def test_one_file_that_cannot_be_read_is_one_sentence(photos: Path, tmp_path: Path) -> None:
    assert re.search(r"error: \S+bad\.png: .*not an image", refused(photos / "bad.png", tmp_path / "out.png"))
    assert "There is no file" in refused(photos / "absent.png", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists() and not list(tmp_path.glob(".*"))


def test_what_a_camera_wrote_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera", 6
    Image.fromarray(sample_photo(12, 16)).save(tmp_path / "a.jpg", exif=exif, dpi=(300, 300), xmp=b"<x:xmpmeta/>")
    result = upscale(tmp_path / "a.jpg", tmp_path / "a.png")
    image = Image.open(tmp_path / "a.png")
    assert image.size == (48, 64) and dict(image.getexif()) == {0x010F: "Camera", 0x0112: 1}
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert "a.jpg: Not kept: XMP." in result.stderr and "a.jpg: Turned upright" in result.stderr


def test_the_rows_of_many_tiles_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscaling, "TILE", {"cpu": 16, "cuda": 16})
    model = EDSR(8, 1)
    torch.nn.init.constant_(model.tail.bias, 0.5)
    save_checkpoint(model, tmp_path / "net.safetensors", {"training": [], "metrics": {}})
    pixels = sample_photo(70, 90)
    (tmp_path / "in.png").write_bytes(encode_png(pixels))
    heights: list[int] = []
    write = PngWriter.write

    def spy(png: PngWriter, rows: np.ndarray) -> None:
        heights.append(len(rows))
        write(png, rows)

    monkeypatch.setattr(PngWriter, "write", spy)
    assert upscale(tmp_path / "in.png", tmp_path / "out.png", model=tmp_path / "net.safetensors").returncode == 0
    assert sum(heights) == 280 and max(heights) <= 64  # more than a row of tiles is never held
    whole = to_pixels(upscaling.upscale(model.eval(), to_tensor(pixels), tile=1000))
    made = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert made.shape == (280, 360, 3) and abs(made - whole).max() <= 2  # bfloat16, where there is


def test_the_limit_is_that_of_training(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pairs.MAX_TRAINING_PIXELS == 200_000_000
    monkeypatch.setattr(pairs, "MAX_TRAINING_PIXELS", 191)
    assert "at most 0.000191 million pixels" in refused(photos / "b.png", tmp_path / "out.png")  # it has 192
