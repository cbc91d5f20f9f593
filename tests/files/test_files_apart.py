"""Pictures are not written where images are read, and notes of many files are few lines."""

from pathlib import Path

import pytest

from decloss.files.apart import require_apart
from decloss.files.notes import Notes


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "images" / "more").mkdir(parents=True)
    (tmp_path / "images" / "more" / "a.png").touch()
    return tmp_path / "images"


@pytest.mark.parametrize("written", ["images", "images/new/deep", "images/more", "x/../images/out", "link/out"])
def test_a_folder_among_the_images_is_refused(images: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    (images.parent / "x").mkdir()
    (images.parent / "link").symlink_to(images)
    monkeypatch.chdir(images.parent)
    for given in (Path(written), images.parent / written):
        for read in (images, Path("images"), Path("link")):
            with pytest.raises(ValueError, match=r"would mix with the images of .*: choose a folder outside"):
                require_apart(given, read)


def test_a_folder_that_holds_an_image_which_is_read_is_refused(images: Path) -> None:
    (images.parent / "out").mkdir()
    (images.parent / "out" / "b.png").touch()
    (images / "b.png").symlink_to(images.parent / "out" / "b.png")
    for written in (images.parent, images.parent / "out"):
        with pytest.raises(ValueError, match="would mix"):
            require_apart(written, images)


def test_other_folders_are_not(images: Path) -> None:
    for name in ("other", "images2", "images/../other"):
        require_apart(images.parent / name, images)


def test_notes_are_grouped_with_their_first_file_and_a_count() -> None:
    notes = Notes()
    notes.add("a.jpg", ["Turned.", "Converted."])
    notes.add("b.jpg", ["Turned."])
    notes.add("c.jpg", ["Turned."])
    notes.add("d.jpg", [])
    assert notes.lines() == ["a.jpg and 2 more: Turned.", "a.jpg: Converted."]
