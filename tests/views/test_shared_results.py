"""Results that all visitors share: one computation for all who ask, a bound, and a copy on disk."""

import threading
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import sample_photo
from PIL import Image
from waiting import wait_for

from decloss.files.images import RGBArray
from decloss.host.steps import Steps
from decloss.models import EDSR, Bicubic
from decloss.views import comparison as comparison_module
from decloss.views.comparison import Framing, prepare_task, run_network, run_shared
from decloss.views.example_results import ExampleResults, read_weights
from decloss.views.kept_results import KeptResults
from decloss.views.scene import cut_scene
from decloss.views.shared_results import SharedResults, digest_of, weights_of
from decloss.views.speeds import Speeds
from decloss.zoo.registry import BICUBIC_CARD, load_checkpoint


def small() -> SharedResults[RGBArray]:
    return SharedResults(lambda pixels: pixels.nbytes, 100)


def test_those_who_ask_at_the_same_time_share_one_computation_and_see_its_progress() -> None:
    store, go, runs = small(), threading.Event(), []

    def make() -> Generator[float, None, RGBArray]:
        runs.append(1)
        yield 0.5
        go.wait(30)
        return np.zeros(10, np.uint8)

    first = store.steps("a", make)
    assert next(first) == 0.5
    second = store.steps("a", make)
    assert next(second) == 0.5  # of the other one's work
    go.set()
    found = Steps(first).result
    assert Steps(second).result is found and store.has("a") and len(runs) == 1
    assert store.get("a", lambda: np.ones(1, np.uint8)) is found


def test_whoever_waits_takes_over_from_one_who_leaves_and_an_error_is_for_all_but_not_kept() -> None:
    store = small()

    def make() -> Generator[float, None, RGBArray]:
        yield 0.1
        return np.ones(10, np.uint8)

    first = store.steps("a", make)
    next(first)
    got: list[RGBArray] = []
    thread = threading.Thread(target=lambda: got.append(Steps(store.steps("a", make)).result))
    thread.start()
    first.close()
    thread.join(30)
    assert got[0].sum() == 10

    def fail() -> Generator[float, None, RGBArray]:
        yield 0.1
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        list(store.steps("b", fail))
    assert not store.has("b") and Steps(store.steps("b", make)).result.sum() == 10


def test_only_so_many_bytes_are_kept_those_asked_for_last() -> None:
    store = small()
    for name in "abc":
        store.get(name, lambda: np.zeros(40, np.uint8))
    store.get("b", lambda: np.zeros(40, np.uint8))
    store.get("d", lambda: np.zeros(40, np.uint8))
    assert [name for name in "abcd" if store.has(name)] == ["b", "d"]


def test_a_network_runs_once_for_two_visitors_with_the_same_photo_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    real = run_network
    monkeypatch.setattr(comparison_module, "run_network", lambda name, *rest: ran.append(name) or real(name, *rest))
    model = load_checkpoint("bicubic")
    photo = sample_photo(72, 80, seed=11)
    tasks = [prepare_task(photo.copy(), Framing(64), is_original=True) for _ in range(2)]
    first, second = (Steps(run_shared(name, model, task)).result for name, task in zip("ab", tasks, strict=True))
    assert ran == ["a"] and first.pixels is second.pixels and (first.name, second.name) == ("a", "b")
    assert not first.pixels.flags.writeable
    elsewhere = prepare_task(photo, Framing(64, x=0), is_original=True)
    assert Steps(run_shared("a", model, elsewhere)).result.pixels is not first.pixels


def test_two_visitors_at_the_same_place_share_what_a_network_makes_of_it() -> None:
    calls: list[int] = []

    class Counting(Bicubic):
        def forward(self, lr: torch.Tensor) -> torch.Tensor:
            calls.append(1)
            return super().forward(lr)

    model = Counting().eval()
    photo = sample_photo(256, 256, seed=12)
    first, second = (cut_scene(photo, 0.4, 0.6) for _ in range(2))
    assert first.sr("x", lambda _: model) is second.sr("x", lambda _: model)
    assert len(calls) == 1
    other = EDSR(8, 1).eval()
    assert weights_of(other) == weights_of(other) != weights_of(EDSR(8, 1))  # without a card, only the object itself


@pytest.fixture
def kept(tmp_path: Path) -> KeptResults:
    return KeptResults(tmp_path / "kept")


def test_a_result_survives_on_disk_and_a_damaged_or_old_file_counts_as_missing(kept: KeptResults) -> None:
    model = load_checkpoint("bicubic")
    task = prepare_task(sample_photo(64, 80, seed=13), Framing(), is_original=True)
    result = Steps(run_network("bicubic", model, task)).result
    kept.write(task, "bicubic", result)
    found = kept.read("bicubic", task, "bicubic")
    assert found is not None and np.array_equal(found.pixels, result.pixels)
    assert (found.scores, found.seconds, found.parameters) == (result.scores, result.seconds, result.parameters)
    assert kept.read("bicubic", task, "0" * 64) is None  # of other weights
    path = kept.path(task, "bicubic")
    assert path is not None
    whole = path.read_bytes()
    for damaged in (b"", whole[:-200], whole[:100] + b"x" + whole[101:], b"nonsense"):
        path.write_bytes(damaged)
        assert kept.read("bicubic", task, "bicubic") is None
    path.write_bytes(whole)
    assert kept.read("bicubic", task, "bicubic") is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("decloss.views.kept_results.FORMAT", 99)
        assert kept.read("bicubic", task, "bicubic") is None
    assert kept.path(task, weights_of(EDSR(8, 1))) is None  # nobody would find it after the next start


def test_the_folder_stays_small(kept: KeptResults) -> None:
    model = load_checkpoint("bicubic")
    tasks = [prepare_task(sample_photo(64, 64, seed=seed), Framing(), is_original=True) for seed in range(4)]
    for task in tasks:
        kept.write(task, "bicubic", Steps(run_network("bicubic", model, task)).result)
        kept.most_bytes = int(2.5 * max(path.stat().st_size for path in kept.folder.iterdir()))
        time.sleep(0.02)  # files' times differ
    left = [kept.read("bicubic", task, "bicubic") is not None for task in tasks]
    assert left == [False, False, True, True]


@pytest.fixture
def two_examples(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{seed}.png" for seed in (21, 22)]
    for seed, path in zip((21, 22), paths, strict=True):
        Image.fromarray(sample_photo(64, 64, seed=seed)).save(path)
    return paths


def test_the_first_pair_comes_first_then_what_is_wanted_and_a_second_start_loads_no_network(
    kept: KeptResults, two_examples: list[Path]
) -> None:
    loaded: list[str] = []

    def load(name: str) -> torch.nn.Module:
        loaded.append(name)
        return load_checkpoint("bicubic")

    names = ["bicubic", "b", "c", "d"]
    results = ExampleResults(kept, two_examples, names, ["c", "b"], load, lambda _: read_weights(BICUBIC_CARD))
    results.start()
    try:
        default = results.default()
        assert default is not None
        results.wait(default, 0, 60, ["b", "c"])
        assert set(default.results) == {"b", "c"} and not set(loaded) - {"b", "c"}
        second = results.find(digest_of(sample_photo(64, 64, seed=22)))
        assert second is not None and results.find("0" * 64) is None
        results.want(second)
        results.wait(second, 0, 60, names)
        assert not second.lacks(names)
        wait_for(lambda: not default.lacks(names), 60)  # the rest follows by itself
    finally:
        results.close()
    assert np.array_equal(second.results["d"].pixels, second.results["bicubic"].pixels)
    loaded.clear()
    again = ExampleResults(kept, two_examples, names, ["c", "b"], load, lambda _: read_weights(BICUBIC_CARD))
    again.start()
    try:
        default = again.default()
        assert default is not None
        again.want(default)
        again.wait(default, 0, 60, names)
        assert not default.lacks(names) and loaded == []
    finally:
        again.close()


def test_the_estimate_is_the_median_of_what_was_measured_and_grows_with_the_photo() -> None:
    speeds = Speeds()
    guess = speeds.seconds(["a"], (100, 100), None)
    assert guess > 0
    for seconds in (1.0, 1.0, 9.0):
        speeds.upscaled("a", (100, 100), seconds)
    assert speeds.seconds(["a"], (100, 100), None) == pytest.approx(1)
    assert speeds.seconds(["a", "unknown"], (200, 100), None) == pytest.approx(4)
    speeds.scored((400, 400, 3), 0.5)
    assert speeds.seconds(["a"], (100, 100), (400, 400)) == pytest.approx(1.5)
