"""Decoding in workers: the same photos as without, and an app that outlives whatever a file does to them."""

import os
import signal
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import run_python, sample_photo, skip_or_fail
from hostile_images import BOMBS, HEAVY, many_scans
from hostile_profiles import matrices, within
from image_files import BAD_FILES, GOOD_FILES
from systems import posix

from benchmarks import fuzz
from decloss.files import sandbox_worker
from decloss.files.images import ImageError, decode_photo, encode_png
from decloss.files.sandbox import BUSY, UNSAFE, Pool, Worker

PHOTO = sample_photo(70, 90)
FILE = encode_png(PHOTO)
LONG = 120.0


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One worker, so that it is known which one answers."""
    made = Pool(1, longest=LONG, patience=LONG)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shared_pool() -> Iterator[Pool]:
    made = Pool(1, longest=LONG, patience=LONG)
    yield made
    made.end()


@pytest.fixture(scope="module")
def slow() -> bytes:
    """A file of a few kilobytes that keeps a worker busy for minutes."""
    return many_scans()


def free_worker(pool: Pool) -> Worker:
    worker = pool._free.get()
    pool._free.put(worker)
    assert worker is not None
    return worker


def from_proc(worker: Worker, name: str) -> str:
    path = Path(f"/proc/{worker.process.pid}/{name}")
    if not path.exists():
        skip_or_fail("needs Linux's /proc")
    return path.read_text(encoding="utf-8")


def seconds_of_cpu(worker: Worker) -> float:
    user, system = from_proc(worker, "stat").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def wait_for(fact: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.02)


def replace_worker(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are started from now on run ``code``."""
    (folder / "other_worker.py").write_text(textwrap.dedent(code), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(sandbox_worker, "__name__", "other_worker")


@pytest.mark.parametrize("name", GOOD_FILES)
def test_a_worker_gives_what_decoding_here_gives(shared_pool: Pool, name: str) -> None:
    content, *_ = GOOD_FILES[name]()
    here, there = decode_photo(content), shared_pool.decode(content)
    assert np.array_equal(there.pixels, here.pixels) and there.notes == here.notes


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_worker_refuses_with_the_same_sentence_and_goes_on(shared_pool: Pool, name: str) -> None:
    shared_pool.decode(FILE)
    before = free_worker(shared_pool).process.pid
    content, _ = BAD_FILES[name]()
    with pytest.raises(ImageError) as here:
        decode_photo(content)
    with pytest.raises(ImageError) as there:
        shared_pool.decode(content)
    assert str(there.value) == str(here.value)
    assert np.array_equal(shared_pool.decode(FILE).pixels, PHOTO) and free_worker(shared_pool).process.pid == before


@pytest.mark.parametrize("name", HEAVY)
def test_photos_of_25_megapixels_of_every_kind_fit_into_a_worker(shared_pool: Pool, name: str) -> None:
    assert shared_pool.decode(HEAVY[name]()).pixels.shape == (5000, 5000, 3)


def test_what_does_not_fit_is_refused_and_the_worker_is_replaced(pool: Pool) -> None:
    pool.decode(FILE)
    if "unlimited" in next(line for line in from_proc(free_worker(pool), "limits").splitlines() if "address" in line):
        skip_or_fail("the memory of a process cannot be limited here")
    content = BOMBS["png in one row of 16-bit grey"]()
    with pytest.raises(ImageError, match="more memory than there is for it"):
        pool.decode(content)
    assert decode_photo(content).pixels.shape == (1, 25_000_000, 3)  # without a limit it is a photo
    worker = free_worker(pool)
    worker.process.wait(LONG)
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO) and free_worker(pool) is not worker


@posix
def test_a_worker_that_was_killed_while_idle_is_replaced_unnoticed(pool: Pool) -> None:
    for _ in range(3):
        pool.decode(FILE)
        worker = free_worker(pool)
        worker.process.kill()
        assert np.array_equal(pool.decode(FILE).pixels, PHOTO)
        assert free_worker(pool) is not worker and worker.process.returncode == -signal.SIGKILL


@posix
def test_who_waits_for_a_worker_that_is_killed_is_told_and_the_next_photo_decodes(pool: Pool, slow: bytes) -> None:
    pool.decode(FILE)
    worker = free_worker(pool)
    before = seconds_of_cpu(worker)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(pool.decode, slow)
        wait_for(lambda: seconds_of_cpu(worker) > before + 0.3)
        os.kill(worker.process.pid, signal.SIGKILL)
    assert str(asked.exception()) == UNSAFE
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO)


@posix
@pytest.mark.parametrize("stopped", [True, False], ids=["hangs", "takes too long"])
def test_a_worker_that_hangs_or_takes_too_long_is_replaced(pool: Pool, slow: bytes, stopped: bool) -> None:
    pool.decode(FILE)
    worker = free_worker(pool)
    pool.longest = 1.0
    if stopped:
        os.kill(worker.process.pid, signal.SIGSTOP)
    with pytest.raises(ImageError) as refusal:
        pool.decode(slow)
    assert str(refusal.value) == UNSAFE and worker.process.poll() is not None
    pool.longest = LONG
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO)


def test_a_profile_that_is_work_for_hours_costs_a_worker_and_no_more(pool: Pool) -> None:
    pool.decode(FILE)
    pool.longest = 1.0
    with pytest.raises(ImageError) as refusal:
        pool.decode(within(matrices(5_000)))
    assert str(refusal.value) == UNSAFE
    pool.longest = LONG
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO)


def test_a_worker_ends_itself_after_its_seconds_of_the_processor() -> None:
    pytest.importorskip("resource")
    code = "from decloss.files import sandbox_worker as w\nw.CPU_SECONDS = 0\nw._limit_time()\nwhile True: pass"
    assert run_python("-c", code).returncode == -signal.SIGXCPU


def test_the_wait_for_a_free_worker_ends(pool: Pool) -> None:
    pool.patience = 0.05
    taken = pool._free.get()
    with pytest.raises(ImageError) as refusal:
        pool.decode(FILE)
    assert str(refusal.value) == BUSY
    pool._free.put(taken)
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO)


@pytest.mark.parametrize(
    "answer",
    [
        "b''",
        "b'x'",
        "b'\\6'",
        "b'\\6' + b'\\xff' * 99",
        "b'\\6' + framed('{')",
        "b'\\6' + framed('[]')",
        "b'\\6' + framed('[' * 10_000)",
        "b'\\6' + framed('{\"shape\": [1000000, 1000000, 3], \"notes\": []}')",
        "b'\\6' + framed('{\"shape\": [-4, -4, 3], \"notes\": []}') + bytes(48)",
        "b'\\6' + framed('{\"shape\": [4, 4, 3], \"notes\": []}') + bytes(47)",
        'b\'\\6\' + framed(\'{"shape": ["4", 4, 3], "notes": []}\') + bytes(48)',
        "b'\\6' + framed('{\"shape\": [2, 2, 3], \"notes\": 7}') + bytes(48)",
    ],
)
def test_a_worker_that_talks_nonsense_is_not_believed(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    replace_worker(
        f"""
        import struct, sys
        def framed(text): return struct.pack(">I", len(text)) + text.encode()
        sys.stdin.buffer.read(8)
        sys.stdout.buffer.write({answer})
        """,
        tmp_path,
        monkeypatch,
    )
    with pytest.raises(ImageError) as refusal:
        pool.decode(FILE)
    assert str(refusal.value) == UNSAFE
    monkeypatch.undo()
    assert np.array_equal(pool.decode(FILE).pixels, PHOTO)


def test_a_worker_knows_no_secrets_and_not_torch_and_writes_no_files(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pool.decode(FILE)
    worker = free_worker(pool)
    assert "hf_secret" not in from_proc(worker, "environ") and "torch" not in from_proc(worker, "maps")
    (size,) = (line for line in from_proc(worker, "limits").splitlines() if line.startswith("Max file size"))
    assert size.split()[3] == "0"


def test_many_threads_share_two_workers() -> None:
    pool = Pool(2, longest=LONG, patience=LONG)
    photos = [sample_photo(40, 50, seed) for seed in range(12)]
    with ThreadPoolExecutor(len(photos)) as threads:
        decoded = list(threads.map(pool.decode, map(encode_png, photos)))
    assert all(map(np.array_equal, (photo.pixels for photo in decoded), photos)) and pool._free.qsize() == 2
    pool.end()
    assert [pool._free.get() for _ in range(2)] == [None, None]


def test_damaged_files_by_the_hundred_cost_no_worker() -> None:
    outcome = fuzz.fuzz(5)
    assert not outcome.lost and outcome.decoded.total() > 20 and outcome.refused.total() > 100


def test_the_fuzzer_sees_a_worker_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_worker("import os, sys\nsys.stdin.buffer.read(8)\nos.write(1, b'\\6')\nos.abort()\n", tmp_path, monkeypatch)
    assert fuzz.fuzz(0.5).lost
