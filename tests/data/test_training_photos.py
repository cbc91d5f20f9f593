"""Getting photos to train on: downloads over bad connections, DIV2K's archives, and the packed file."""

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import run_python, sample_photo
from PIL import Image

from decloss.commands.data import Div2k
from decloss.data import download as module
from decloss.data.download import DownloadError, download, unpack_images
from decloss.data.packing import describe_photos, pack_photos
from decloss.data.pairs import load_photo_pairs
from decloss.files.images import FORMAT_NAMES, decode_photo

CONTENT = bytes(range(256)) * 4000


class Flaky(http.server.BaseHTTPRequestHandler):
    """Serves ``content``, but drops every connection after ``limit`` bytes; understands ranges."""

    content, limit, tag, ranges, status, lie = CONTENT, 300_000, '"1"', True, 200, 0
    requests: list[str]

    def do_GET(self) -> None:
        kind = type(self)
        kind.requests.append(self.headers.get("Range", ""))
        if kind.status != 200:
            self.send_error(kind.status)
            return
        start = 0
        if kind.ranges and self.headers.get("If-Range") == kind.tag:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        size = len(kind.content)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(size - start + kind.lie))
        if kind.tag:
            self.send_header("ETag", kind.tag)
        self.end_headers()
        self.wfile.write(kind.content[start : start + kind.limit])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Flaky]]]:
    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    kind = type("Handler", (Flaky,), {"requests": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/photos.zip", kind
        running.shutdown()


def test_a_connection_that_drops_again_and_again_still_brings_the_whole_file(server, tmp_path: Path) -> None:
    url, kind = server
    seen: list[tuple[int, int]] = []
    download(url, tmp_path / "photos.zip", lambda done, total: seen.append((done, total)))
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT
    assert kind.requests == ["", "bytes=300000-", "bytes=600000-", "bytes=900000-"]
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and {total for _, total in seen} == {len(CONTENT)}
    assert [path.name for path in tmp_path.iterdir()] == ["photos.zip"]


def test_a_later_call_goes_on_where_an_earlier_one_stopped(server, tmp_path: Path) -> None:
    url, kind = server

    def interrupt(done: int, _: int) -> None:
        if done > 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(url, tmp_path / "photos.zip", interrupt)
    assert not (tmp_path / "photos.zip").exists()
    kind.requests.clear()
    download(url, tmp_path / "photos.zip")
    assert kind.requests[0] == "bytes=600000-" and (tmp_path / "photos.zip").read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(server, tmp_path: Path) -> None:
    url, kind = server
    (tmp_path / "photos.zip.part").write_bytes(b"x" * 1000)
    (tmp_path / "photos.zip.tag").write_text('"old"', encoding="utf-8")
    kind.limit = 10**9
    download(url, tmp_path / "photos.zip")
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT


def test_without_a_version_nothing_is_glued_together(server, tmp_path: Path) -> None:
    """An old part and its tag, and a server that names no version: the tag must not outlive its file."""
    url, kind = server
    kind.tag = ""
    (tmp_path / "photos.zip.part").write_bytes(b"x" * 1000)
    (tmp_path / "photos.zip.tag").write_text('"old"', encoding="utf-8")
    with pytest.raises(DownloadError):
        download(url, tmp_path / "photos.zip")
    assert not (tmp_path / "photos.zip.tag").exists()
    kind.limit = 10**9
    download(url, tmp_path / "photos.zip")
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT


def test_a_finished_part_needs_nothing_more(server, tmp_path: Path) -> None:
    url, kind = server
    (tmp_path / "photos.zip.part").write_bytes(CONTENT)
    (tmp_path / "photos.zip.tag").write_text(kind.tag, encoding="utf-8")
    download(url, tmp_path / "photos.zip")
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT


def test_without_ranges_a_dropped_connection_fails_with_what_to_do(server, tmp_path: Path) -> None:
    url, kind = server
    kind.ranges = False
    with pytest.raises(DownloadError, match="run the same command again"):
        download(url, tmp_path / "photos.zip")
    assert not (tmp_path / "photos.zip").exists()


def test_errors_of_the_server_are_said(server, tmp_path: Path) -> None:
    url, kind = server
    kind.status = 404
    with pytest.raises(DownloadError, match="answers 404"):
        download(url, tmp_path / "photos.zip")
    assert len(kind.requests) == 1
    kind.status = 503  # may pass: tried again
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download(url, tmp_path / "photos.zip")
    assert len(kind.requests) == 4


def test_offline_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.0,))
    with pytest.raises(DownloadError, match="connect this machine to the internet"):
        download("http://127.0.0.1:9/photos.zip", tmp_path / "photos.zip")


def test_without_any_network_it_is_said_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PAUSES", (3600.0,))  # would be waited for
    with pytest.raises(DownloadError, match="connect this machine to the internet"):
        download("http://no-such-host.invalid/photos.zip", tmp_path / "photos.zip")


def archive_of(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("DIV2K_train_HR/", "")
        for number in range(count):
            picture = io.BytesIO()
            Image.fromarray(sample_photo(40, 48)).save(picture, "PNG")
            archive.writestr(f"../../DIV2K_train_HR/{number:04d}.png", picture.getvalue())
    return buffer.getvalue()


def test_div2k_by_one_command(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    url, kind = server
    kind.content, kind.limit = archive_of(3), 3000
    monkeypatch.setattr("decloss.commands.data.DIV2K", {"train": ("DIV2K_train_HR", 3)})
    command = Div2k(out=tmp_path / "DIV2K", address=url.removesuffix("photos.zip"))
    assert command.run() == 0
    folder = tmp_path / "DIV2K" / "DIV2K_train_HR"
    assert capsys.readouterr().out.strip() == str(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["0000.png", "0001.png", "0002.png"]
    assert not list((tmp_path / "DIV2K").glob("*.zip")) and not (tmp_path.parent / "DIV2K_train_HR").exists()
    assert len(load_photo_pairs(folder).hr) == 3
    kind.requests.clear()
    assert command.run() == 0 and not kind.requests
    assert "already" in capsys.readouterr().err


def test_a_damaged_archive_is_deleted_and_a_short_one_refused(tmp_path: Path) -> None:
    archive = tmp_path / "photos.zip"
    good = archive_of(2)
    archive.write_bytes(good)
    with pytest.raises(ValueError, match="holds 2 images, expected 5"):
        unpack_images(archive, tmp_path / "out", 5)
    position = good.index(b"IDAT") + 20
    archive.write_bytes(good[:position] + bytes([good[position] ^ 255]) + good[position + 1 :])
    with pytest.raises(ValueError, match="damaged"):
        unpack_images(archive, tmp_path / "out", 2)
    assert not archive.exists() and not list((tmp_path / "out").glob("*.png"))


def test_damaged_compressed_data_is_said_and_the_archive_deleted(tmp_path: Path) -> None:
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("0.png", bytes(5000))
    good = archive.read_bytes()
    begin = good.index(b"0.png") + len(b"0.png")
    archive.write_bytes(good[:begin] + b"\xff" * 4 + good[begin + 4 :])
    with pytest.raises(ValueError, match="damaged"):
        unpack_images(archive, tmp_path / "out", 1)
    assert not archive.exists()


def test_a_disk_that_is_too_small_is_said_before_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "photos.zip"
    archive.write_bytes(archive_of(2))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(OSError, match=r"the disk has 0\.0 GB left"):
        unpack_images(archive, tmp_path / "out", 2)
    assert archive.exists()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, (height, width) in {"a.png": (100, 140), "more/b.png": (64, 64), "c.png": (40, 200)}.items():
        Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8)).save(folder / name)
    (folder / "broken.png").write_bytes(b"no image")
    return folder


def test_the_packed_file_holds_squares_bit_for_bit_centres_first(photos: Path, tmp_path: Path) -> None:
    reports: list[str] = []
    out = tmp_path / "photos.zip"
    assert pack_photos(photos, out, side=48, report=reports.append) == 2 * 2 + 1
    assert sorted(reports) == [
        f"Left out broken.png: This file is not an image that can be read here; use {FORMAT_NAMES}.",
        "Left out c.png: 200 x 40 is smaller than 48 x 48.",
    ]
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist()[:2] == ["00000_a_0.webp", "00001_more_b_0.webp"]
        centre = decode_photo(archive.read("00001_more_b_0.webp")).pixels
    assert np.array_equal(centre, decode_photo(photos / "more" / "b.png").pixels[8:56, 8:56])
    assert len(load_photo_pairs(out).hr) == 5


def test_the_packed_file_stays_below_its_limit_and_every_photo_has_its_turn(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "photos.zip"
    assert pack_photos(photos, out, side=48, limit_mb=0.025) == 3
    assert out.stat().st_size <= 25_000
    with pytest.raises(ValueError, match="not one square"):
        pack_photos(photos, out, side=48, limit_mb=0.001)
    with pytest.raises(ValueError, match=r"multiple of 4, got 50"):
        pack_photos(photos, out, side=50)


def test_photos_that_differ_in_their_ending_alone_have_names_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("x.png", "x.bmp"):
        Image.fromarray(sample_photo(48, 48)).save(tmp_path / "photos" / name)
    assert pack_photos(tmp_path / "photos", tmp_path / "photos.zip", side=48) == 2
    with zipfile.ZipFile(tmp_path / "photos.zip") as archive:
        assert len(set(archive.namelist())) == 2


def test_lossy_squares_are_smaller_near_the_photo_and_named_so_on_the_card(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    y, x = np.mgrid[:96, :96]
    waves = np.stack([128 + 80 * np.sin(x / 9) * np.cos(y / 7), x + y, 255 - x], axis=2).astype(np.uint8)
    noise = np.random.default_rng(0).integers(-9, 9, waves.shape)
    photo = np.clip(waves + noise, 0, 255).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photos" / "a.png")
    whole, lossy = tmp_path / "whole.zip", tmp_path / "lossy.zip"
    for out, quality in ((whole, None), (lossy, 90)):
        assert pack_photos(tmp_path / "photos", out, side=96, quality=quality) == 1
    assert lossy.stat().st_size < whole.stat().st_size / 2
    error = load_photo_pairs(lossy, tmp_path / "cache").hr[0].astype(float) - photo
    assert 0 < np.abs(error).mean() < 8
    assert describe_photos(lossy, "two walks") == "two walks, packed as 1 squares of 96 x 96, in WebP quality 90"
    assert describe_photos(tmp_path / "ph\udcf6tos", None) == "ph?tos"  # no text, as a folder's name may be
    assert describe_photos(whole, None) == "whole.zip, packed as 1 squares of 96 x 96, without loss"
    assert describe_photos(tmp_path / "photos", None) == "photos"
    with pytest.raises(ValueError, match="from 1 to 100, got 0"):
        pack_photos(tmp_path / "photos", lossy, side=96, quality=0)


def test_training_takes_the_packed_file(photos: Path, tmp_path: Path) -> None:
    packed = run_python("-m", "decloss", "data", "pack", str(photos), "--out", str(tmp_path / "p.zip"), "--side", "48")
    assert packed.returncode == 0 and "5 squares of 48 x 48" in packed.stdout
    options = ["--steps", "1", "--batch-size", "1", "--crop", "8", "--out"]
    result = run_python("-m", "decloss", "train", "--data", str(tmp_path / "p.zip"), *options, str(tmp_path / "run"))
    assert result.returncode == 0, result.stderr
    wrong = run_python("-m", "decloss", "train", "--data", str(photos / "broken.png"), *options, str(tmp_path / "x"))
    assert wrong.returncode == 2 and "neither a folder nor a zip archive" in wrong.stderr
