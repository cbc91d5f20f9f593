"""Benchmarks by name: from the cache, or downloaded once from an archive laid out as EDSR's."""

import io
import tarfile
from pathlib import Path

import pytest
from conftest import sample_photo
from PIL import Image

from decloss.data import benchmarks
from decloss.data.benchmarks import find_benchmark
from decloss.data.download import DownloadError
from decloss.evaluation.scores import list_pairs, load_pair


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for the download; the list has the addresses asked for."""
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path / "cache"))
    asked: list[str] = []

    def bring(url: str, path: Path, report) -> None:
        asked.append(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w") as content:
            for name in ("Set5", "Set14", "B100", "Urban100"):
                for folder, suffix, side in (("HR", "", 32), ("LR_bicubic/X4", "x4", 8), ("LR_bicubic/X2", "x2", 16)):
                    picture = io.BytesIO()
                    Image.fromarray(sample_photo(side, side)).save(picture, "PNG")
                    entry = tarfile.TarInfo(f"benchmark/{name}/{folder}/one{suffix}.png")
                    entry.size = picture.tell()
                    picture.seek(0)
                    content.addfile(entry, picture)

    monkeypatch.setattr(benchmarks, "download", bring)
    return asked


def test_a_benchmark_is_downloaded_once_with_its_lr_files(archive: list[str]) -> None:
    folder = find_benchmark("BSD100")
    assert folder.name == "BSD100" and sorted(path.name for path in folder.iterdir()) == ["HR", "LR_x4"]
    (pair,) = list_pairs(folder)
    assert pair.lr is not None
    lr, hr = load_pair(pair)
    assert lr.shape[-2:] == (8, 8) and hr.shape[-2:] == (32, 32)
    assert find_benchmark("Set5").name == "Set5" and len(archive) == 1
    assert not list(folder.parent.glob("*.tar"))


def test_a_folder_is_itself_and_other_names_are_refused(tmp_path: Path) -> None:
    assert find_benchmark(str(tmp_path)) == tmp_path
    with pytest.raises(ValueError, match="no such folder: Set6; benchmarks by name are Set5"):
        find_benchmark("Set6")


def test_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path))
    monkeypatch.setattr("decloss.data.download.PAUSES", ())
    with pytest.raises(DownloadError, match="connect this machine to the internet"):
        find_benchmark("Urban100", address="http://127.0.0.1:9/benchmark.tar")


def test_an_archive_that_leads_outside_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path / "cache"))

    def bring(url: str, path: Path, report) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w") as content:
            entry = tarfile.TarInfo("../../outside.png")
            content.addfile(entry, io.BytesIO())

    monkeypatch.setattr(benchmarks, "download", bring)
    with pytest.raises(ValueError, match="damaged"):
        find_benchmark("Set5")
    assert not list(tmp_path.rglob("outside.png"))
