"""Training on folders as people have them: a run inside the photos, bad files, and a run that goes on otherwise."""

import errno
import io
import re
import sys
import zipfile
from pathlib import Path

import pillow_heif
import pytest
from conftest import sample_photo
from PIL import Image

from decloss.cli import main
from decloss.data import pairs
from decloss.data.pairs import load_photo_pairs
from decloss.training.watching import Validation

SMALL = ["--crop", "8", "--batch-size", "1", "--validate-every", "1", "--precision", "float32", "--device", "cpu"]
DEC = ["--recipe", "edsr-l1-dec", "--init", "none", "--mu", "8"]


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "D").mkdir()
    for seed in range(2):
        Image.fromarray(sample_photo(64, 64, seed)).save(tmp_path / "D" / f"{seed}.png")
    return tmp_path / "D"


def train(data: Path, out: Path, *more: str, steps: int = 1) -> int:
    return main(["train", "--data", str(data), "--out", str(out), "--steps", str(steps), *SMALL, *more])


@pytest.mark.parametrize("where", ["D/run", "link/run", "D", "D/../D/a/b"])
def test_a_run_among_its_photos_or_validation_images_is_refused(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    (tmp_path / "link").symlink_to("D")
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(sample_photo(64, 64)).save(other / "a.png")
    for data, more in ((photos, ()), (other, ("--validate", str(photos)))):
        assert train(data, tmp_path / where, *more) == 2
        assert "would mix with the images of" in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()  # before any work is done


def test_photos_inside_the_run_directory_are_no_samples_and_it_goes_on(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(photos, tmp_path) == 0
    assert (tmp_path / "samples" / "00000001.png").exists()
    assert train(photos, tmp_path, "--resume", steps=2) == 0
    assert train(tmp_path / "samples", tmp_path, "--resume", steps=3) == 2
    assert "would mix with the images of" in capsys.readouterr().err


def test_the_cache_and_an_archive_among_the_photos_are_no_photos(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(photos / "cache"))
    assert main(["data", "pack", str(photos), "--out", str(photos / "p.zip"), "--side", "32"]) == 0
    assert train(photos, tmp_path / "run") == 0
    assert train(photos, tmp_path / "run", "--resume", steps=2) == 0


def test_validation_images_that_are_trained_on_are_told(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "V").mkdir()
    (tmp_path / "V" / "same.png").symlink_to(photos / "0.png")
    Image.fromarray(sample_photo(64, 64, 7)).save(tmp_path / "V" / "other.png")
    assert train(photos, tmp_path / "run", "--validate", str(tmp_path / "V")) == 0
    assert f"1 of the 2 images of {tmp_path / 'V'} are trained on as well" in capsys.readouterr().err
    assert train(photos, tmp_path / "run2", "--validate", str(photos)) == 0
    assert "2 of the 2 images" in capsys.readouterr().err


def bad_files(folder: Path) -> None:
    (folder / "._0.png").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X        ")
    Image.fromarray(sample_photo(64, 1)).save(folder / "w1.png")


def test_bad_photos_and_notes_are_told_and_the_rest_is_trained_on(photos: Path) -> None:
    bad_files(photos)
    for name in ("x.png", "y.png"):
        Image.new("RGBA", (64, 64), (9, 9, 9, 100)).save(photos / name)
    reports: list[str] = []
    assert load_photo_pairs(photos, report=reports.append).names == ["0.png", "1.png", "x.png", "y.png"]
    assert reports[1].startswith("Skipped ._0.png: This file is not an image") and "w1.png" in reports[2]
    assert reports[3:] == ["x.png and 1 more: Transparent areas are shown on white."]


def test_bad_photos_are_told_each_time_and_change_no_batch(photos: Path) -> None:
    alone = load_photo_pairs(photos).fingerprint
    bad_files(photos)
    load_photo_pairs(photos)
    reports: list[str] = []
    assert load_photo_pairs(photos, report=reports.append).fingerprint == alone
    assert [text.split(":")[0] for text in reports] == ["Skipped ._0.png", "Skipped w1.png"]


def test_photos_that_a_package_was_missing_for_are_decoded_once_it_is_there(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pillow_heif.register_heif_opener()
    Image.open(photos / "0.png").save(photos / "2.heic", format="HEIF")
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "pillow_heif", None)
        missing.setattr(pairs, "find_spec", lambda name: None)
        assert load_photo_pairs(photos).names == ["0.png", "1.png"]
    assert load_photo_pairs(photos).names == ["0.png", "1.png", "2.heic"]


def test_a_full_disk_is_not_left_full(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(hr: object, scale: int) -> None:
        assert len(list((tmp_path / "cache").rglob(".*.part"))) == 2
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pairs, "make_lr", full)
    with pytest.raises(OSError, match="No space left"):
        load_photo_pairs(photos)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_bad_validation_images_are_told_and_the_rest_is_measured(photos: Path, tmp_path: Path) -> None:
    bad_files(photos)
    Image.new("RGBA", (64, 64), (9, 9, 9, 100)).save(photos / "x.png")
    reports: list[str] = []
    validation = Validation(tmp_path, None, photos, reports.append)
    assert [pair.name for pair in validation.pairs] == ["0", "1", "x"]
    assert reports[0] == "x.png: Transparent areas are shown on white."
    assert re.match(r"Not validated on: \._0\.png: This file is not an image", reports[1])
    assert reports[2].startswith("Not validated on: w1.png: 1 x 64 pixels are too few")
    for path in (*photos.glob("[01x].png"),):
        path.unlink()
    with pytest.raises(ValueError, match=r"none of the images of .* can be measured"):
        Validation(tmp_path, None, photos)


def test_a_damaged_or_locked_photo_in_an_archive_is_skipped(photos: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("0.png", "cut.bmp", "locked.png"):
            image = Image.open(photos / "0.png")
            picture = io.BytesIO()
            image.save(picture, "BMP" if name == "cut.bmp" else "PNG")
            archive.writestr(name, picture.getvalue())
    content = bytearray(buffer.getvalue())
    first = content.index(b"cut.bmp") + len(b"cut.bmp")
    content[first : first + 40] = b"\xff" * 40
    locked = content.rindex(b"locked.png") - 46 + 8  # its flags in the list at the end
    content[locked] |= 1
    start = content.index(b"locked.png") - 30 + 6
    content[start] |= 1
    (tmp_path / "photos.zip").write_bytes(content)
    reports: list[str] = []
    assert load_photo_pairs(tmp_path / "photos.zip", report=reports.append).names == ["0.png"]
    assert [text.split(":")[0] for text in reports[1:]] == ["Skipped cut.bmp", "Skipped locked.png"]


def test_photos_smaller_than_the_crop_are_named_before_eta_is_measured(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(photos, tmp_path / "run", *DEC, "--crop", "32") == 2
    assert "do not fit 0.png (64 x 64) and 1 more" in capsys.readouterr().err


@pytest.mark.parametrize("change", [("--crop", "12", "crop=8, not 12"), ("--mu", "6", "mu=8.0, not 6.0")])
def test_a_run_that_goes_on_with_another_setting_names_it_and_not_eta(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str, str]
) -> None:
    assert train(photos, tmp_path / "run", *DEC) == 0
    capsys.readouterr()
    option, value, sentence = change
    assert train(photos, tmp_path / "run", *DEC, "--resume", option, value, steps=2) == 2
    assert f"was started with {sentence};" in capsys.readouterr().err
