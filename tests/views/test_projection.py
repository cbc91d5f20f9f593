import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from decloss.views import projection
from decloss.views.projection import Projection, ProjectionError, project


def two_clouds(count: int = 80, dimensions: int = 12) -> np.ndarray:
    """(2 * count, dimensions): two clouds far apart."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-4, 1, (count, dimensions)), rng.normal(4, 1, (count, dimensions))])


def finish(vectors: np.ndarray, perplexity: float = 10, seed: int = 0) -> tuple[list[float], Projection]:
    run = project(vectors, perplexity, seed)
    shares = []
    while True:
        try:
            shares.append(next(run))
        except StopIteration as finished:
            return shares, finished.value


def gone(pid: int) -> bool:
    """Whether no process has this id, waiting a while for it."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            # A dead child of a process that ended without waiting for it may be kept as a zombie.
            if (
                Path(f"/proc/{pid}/stat").exists()
                and Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z"
            ):
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False


def test_the_same_seed_gives_the_same_map_with_near_ones_together_and_progress_comes() -> None:
    shares, first = finish(two_clouds())
    _, again = finish(two_clouds())
    assert np.array_equal(first.points, again.points)
    assert shares[0] == 0 and shares == sorted(shares) and 0 < max(shares) <= 1
    assert first.points.shape == (160, 2) and np.isfinite(first.points).all()
    left, right = first.points[:80], first.points[80:]
    apart = np.linalg.norm(left.mean(axis=0) - right.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(c - c.mean(axis=0), axis=1).mean() for c in (left, right))
    assert 0.8 < first.trustworthiness <= 1 and first.divergence > 0


def test_equal_vectors_can_be_mapped_too() -> None:
    _, found = finish(np.ones((40, 5)))
    assert found.points.shape == (40, 2) and np.isfinite(found.points).all()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The processes that ``project`` starts."""
    processes: list[subprocess.Popen[bytes]] = []
    start = projection.start

    def remember(*arguments: object) -> "subprocess.Popen[bytes]":
        processes.append(start(*arguments))
        return processes[-1]

    monkeypatch.setattr(projection, "start", remember)
    return processes


def test_closing_kills_the_process_and_leaves_no_file(
    started: list["subprocess.Popen[bytes]"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection.tempfile, "tempdir", str(tmp_path))
    run = project(two_clouds(1500), 50, 0)
    next(run)
    (process,) = started
    assert process.poll() is None and any(tmp_path.iterdir())
    run.close()
    assert gone(process.pid) and process.returncode is not None
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="looks at processes as POSIX has them")
def test_the_process_ends_with_a_caller_that_is_killed_and_takes_its_files_along(tmp_path: Path) -> None:
    code = (
        "import numpy as np\nfrom decloss import projection\nstart = projection.start\n"
        "def tell(*a):\n    p = start(*a)\n    print(p.pid, flush=True)\n    return p\n"
        "projection.start = tell\n"
        "for _ in projection.project(np.random.default_rng(0).normal(size=(3000, 40)), 50, 0): pass"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    caller = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert caller.stdout
    pid = int(caller.stdout.readline())
    os.kill(pid, 0)  # it runs
    assert any(tmp_path.iterdir())
    caller.kill()
    caller.wait()
    assert gone(pid)
    assert not any(tmp_path.iterdir())


def test_a_process_that_fails_is_one_sentence(
    started: list["subprocess.Popen[bytes]"], caplog: pytest.LogCaptureFixture
) -> None:
    run = project(two_clouds(), 10, 0)
    next(run)
    started[0].kill()
    with pytest.raises(ProjectionError, match="t-SNE ended before its time"):
        list(run)
    assert "t-SNE ended with" in caplog.text


def test_one_that_takes_too_long_is_given_up(
    started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "LONGEST", 0)
    with pytest.raises(ProjectionError, match="took longer"):
        list(project(two_clouds(), 10, 0))
    assert gone(started[0].pid)


@pytest.mark.parametrize(
    ("vectors", "perplexity", "said"),
    [
        (np.full((50, 4), np.nan), 5, "finite"),
        (np.zeros(50), 5, r"\(50,\)"),
        (np.zeros((20, 4)), 5, "n = 20"),
        (np.zeros((50, 4)), 50, "got 50"),
        (np.zeros((50, 4)), 0.5, "got 0.5"),
    ],
)
def test_what_cannot_be_mapped_is_refused(vectors: np.ndarray, perplexity: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        next(project(vectors, perplexity, 0))


def test_a_pickle_among_the_files_is_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / projection.VECTORS, np.array([{"any": "object"}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        projection.main(tmp_path, 5, 0)
