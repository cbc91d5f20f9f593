"""Temporary files: whose they are, what is swept and when, and that nothing strays."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import ROOT, sample_photo
from PIL import Image
from served_app import Served, below, compare_values, files_below, served_app
from systems import posix
from waiting import wait_for

from decloss.ui.serving import sweeper as sweeping
from decloss.ui.serving.gradio_patches import save_whole
from decloss.ui.serving.sweeper import Limits, Sweeper
from decloss.ui.serving.temporary import remove_dead, temporary_folder

LIMITS = Limits()
BOUNDARY = "-----decloss"


# The folder.


def test_everything_temporary_lies_in_one_private_folder_which_goes_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "mine"))
    before = tempfile.gettempdir(), os.environ.get("TMPDIR")
    with temporary_folder() as folder:
        assert folder.parent == tmp_path / "mine" and folder.stat().st_mode & 0o077 == 0
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder / "cache")
        with tempfile.TemporaryDirectory() as ours:
            assert Path(ours).parent == folder / "work"
        command = [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"]
        assert subprocess.check_output(command, text=True).strip() == str(folder / "work")
        (folder / "work" / "left").touch()
    assert list((tmp_path / "mine").iterdir()) == []
    assert (tempfile.gettempdir(), os.environ.get("TMPDIR")) == before
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "mine")


def test_what_a_killed_app_left_goes_at_the_next_start_and_what_a_living_one_has_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    code = (
        "import time\nfrom decloss.ui.serving.temporary import temporary_folder\n"
        "with temporary_folder() as folder:\n"
        "    (folder / 'cache' / 'photo').write_text('x')\n    print(folder, flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        other = Path(app.stdout.readline().strip())
        with temporary_folder():
            assert (other / "cache" / "photo").exists()
        app.kill()
    assert (other / "cache" / "photo").exists()
    with temporary_folder() as folder:
        assert not other.exists() and [path.name for path in tmp_path.glob("decloss-*.lock")] == [f"{folder.name}.lock"]


@posix
def test_a_link_is_not_followed_when_the_dead_are_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "decloss-x").symlink_to(tmp_path / "precious")
    (tmp_path / "decloss-x.lock").touch()
    remove_dead(tmp_path)
    assert (tmp_path / "precious" / "file").exists()


# The sweeper, on a clock of the tests'.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("cache", "work"):
        (tmp_path / part).mkdir()
    return tmp_path


def put(path: Path, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def test_each_kind_lives_as_long_as_it_should(folder: Path) -> None:
    own = put(folder / "cache" / "hash" / "example.png")
    sweeper = Sweeper(folder)
    part = put(folder / "cache" / "tmpabc")
    picture = put(folder / "cache" / "hash" / ".0f.part")
    result = put(folder / "cache" / "other" / "image.png")
    work = put(folder / "work" / "x-decloss" / "LR.png")
    everything = {own, part, picture, result, work}
    for now, gone in (
        (0.0, set()),
        (LIMITS.grace - 1, set()),
        (LIMITS.grace, {part, picture}),
        (LIMITS.keep - 1, {part, picture}),
        (LIMITS.keep, {part, picture, result}),
        (2 * LIMITS.keep, {part, picture, result, work}),
    ):
        sweeper.sweep(now)
        assert files_below(folder) == everything - gone
    for now in (2 * LIMITS.keep + LIMITS.grace, 5 * LIMITS.keep):  # folders that became empty, innermost first
        sweeper.sweep(now)
    sweeper.sweep(9 * LIMITS.keep)
    assert {path for path in folder.rglob("*") if path.is_dir()} == {own.parent, folder / "cache", folder / "work"}


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumps_a_day_deletes_nothing_and_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    sweeper, file = Sweeper(folder), put(folder / "cache" / "hash" / "photo.png")
    sweeper.sweep(0)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * 86400)
    later = put(folder / "cache" / "hash" / "later.png")
    os.utime(later, (time.time(), time.time()))
    sweeper.sweep(10)
    assert file.exists() and later.exists()
    sweeper.sweep(LIMITS.keep)
    assert not file.exists() and later.exists()
    sweeper.sweep(LIMITS.keep + 10)
    assert not later.exists()


def test_above_the_quota_the_oldest_go_first_the_recent_are_safe_and_uploads_wait(folder: Path) -> None:
    limits = Limits(most_bytes=250, least_free=0)
    sweeper = Sweeper(folder, limits)
    files = []
    for number in range(4):
        files.append(put(folder / "cache" / f"hash{number}" / "photo.png", 100))
        sweeper.sweep(number)
    assert not sweeper.room_for_uploads() and all(file.exists() for file in files)
    assert sweeper.due(1) and not sweeper.due(0.5)  # somebody waits for room
    sweeper.sweep(limits.recent + 0.5)
    assert [file.exists() for file in files] == [False, True, True, True] and not sweeper.room_for_uploads()
    sweeper.sweep(limits.recent + 3)
    assert [file.exists() for file in files] == [False, False, True, True] and sweeper.room_for_uploads()
    assert not Sweeper(folder).due(LIMITS.period - 1)


@pytest.mark.parametrize("limits", [Limits(least_free=2**60), Limits(most_files=0, least_free=0)], ids=["full", "many"])
def test_a_full_disk_and_too_many_files_stop_uploads(folder: Path, limits: Limits) -> None:
    sweeper = Sweeper(folder, limits)
    file = put(folder / "cache" / "hash" / "photo.png")
    sweeper.sweep(0)
    assert file.exists() and not sweeper.room_for_uploads()
    sweeper.sweep(limits.recent)
    assert not file.exists()


def test_a_picture_is_written_though_its_folder_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, written = Image.new("RGB", (4, 4)), Path.write_bytes
    emptied: list[Path] = []

    def take_folder(path: Path, content: bytes) -> int:
        if not emptied:
            emptied.append(path.parent)
            sweeping._remove(str(path.parent))
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", take_folder)
    assert Path(save_whole(picture, str(tmp_path), format="png")).exists() and emptied


# The whole, over HTTP.


@pytest.fixture(scope="module")
def served(tiny_checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_app(tmp_path_factory.mktemp("served"), tiny_checkpoints, absence=1.0) as served:
        yield served


def begin_upload(url: str, length: int = 5_000_000) -> socket.socket:
    """An upload of which 300,000 bytes are sent."""
    where = urlsplit(url)
    connection = socket.create_connection((where.hostname, where.port))
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    connection.sendall(
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n{head}".encode()
    )
    connection.sendall(b"x" * 300_000)
    return connection


def parts(served: Served) -> list[Path]:
    return [path for path in served.cache.iterdir() if path.is_file()]


def test_parts_of_aborted_uploads_go_and_one_that_grows_stays(served: Served) -> None:
    now = int(time.monotonic())  # the sum of a fraction and a limit would be rounded
    begin_upload(served.url).close()
    wait_for(lambda: len(parts(served)) == 1 and parts(served)[0].stat().st_size > 250_000)
    (aborted,) = parts(served)
    growing = begin_upload(served.url)
    wait_for(lambda: len(parts(served)) == 2)
    (other,) = set(parts(served)) - {aborted}
    served.sweeper.sweep(now)
    size = other.stat().st_size
    growing.sendall(b"x" * 300_000)
    wait_for(lambda: other.stat().st_size > size)
    served.sweeper.sweep(now + LIMITS.grace - 1)
    assert aborted.exists()
    served.sweeper.sweep(now + LIMITS.grace)
    assert not aborted.exists() and other.exists()
    growing.close()


def test_an_upload_that_is_used_stays_and_one_that_is_not_goes(served: Served) -> None:
    used, unused = (served.upload(sample_photo(64, 80, seed)) for seed in (1, 2))
    now = int(time.monotonic())
    served.sweeper.sweep(now)
    assert '"success": true' in served.compare(used)
    served.sweeper.sweep(now + LIMITS.keep - 1)
    assert Path(used["path"]).exists() and Path(unused["path"]).exists()
    served.sweeper.sweep(now + LIMITS.keep)
    assert Path(used["path"]).exists() and not Path(unused["path"]).exists()
    assert '"success": true' in served.compare(used)
    assert "no longer on the server" in served.compare(unused)


def test_without_room_uploads_are_refused_in_a_sentence(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.sweeper, "_room", False)
    answer = served.http.post("gradio_api/upload", files={"files": ("photo.png", b"x")})
    assert answer.status_code == 507 and "no room for uploads" in answer.json()["detail"]


def test_what_a_visitor_has_goes_when_they_leave_and_not_before(served: Served) -> None:
    session, photo = "visitor", served.upload(sample_photo(64, 80, 3))
    shared = served.comparisons()  # of the example, which belongs to all visitors
    with served.open_page(session):
        served.join("compare", compare_values(photo), session)
        with served.events(session) as events:
            assert any(event["msg"] == "process_completed" for event in events)
        wait_for(lambda: not any(name != session for name in served.page.state_holder.session_data))
        time.sleep(2)  # longer than others are remembered
        assert len(served.comparisons() - shared) == 1 and session in served.page.state_holder.session_data
    wait_for(lambda: not served.comparisons() - shared)
    assert session not in served.page.state_holder.session_data
    queue = served.page._queue
    wait_for(lambda: session not in {*queue.pending_messages_per_session, *queue.pending_event_ids_session})


def test_after_a_while_nothing_strays(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time, with short periods: all that visitors can leave, and nothing that the page needs."""
    photo = served.upload(sample_photo(64, 80, 4))
    assert '"success": true' in served.compare(photo)
    begin_upload(served.url).close()
    served.http.post("gradio_api/upload", files={"files": ("photo.png", b"x"), "another": ("b.png", b"y" * 1000)})
    served.http.post("gradio_api/upload", files={"files": ("..", b"x")})
    assert served.stray()
    monkeypatch.setattr(served.sweeper, "_seen", {})  # other tests' clock was ahead
    monkeypatch.setattr(served.sweeper, "limits", Limits(grace=0.5, keep=1.0, period=0.2))
    monkeypatch.setattr(served.sweeper, "due", lambda waited: True)
    wait_for(lambda: not served.stray(), 20)
    wait_for(
        lambda: set(map(str, below(served.folder))) <= {*served.sweeper._own, *map(str, (served.cache, served.work))}
    )
    files = [path for path in served.sweeper._own if Path(path).is_file() and Path(path).is_relative_to(served.cache)]
    assert files and served.http.get(f"gradio_api/file={files[0]}").status_code == 200
