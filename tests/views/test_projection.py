from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import Started

from decloss.host.steps import Steps
from decloss.views import projection
from decloss.views.projection import Progress, Projection, ProjectionError, project


def two_clouds(count: int = 80, dimensions: int = 12) -> np.ndarray:
    """(2 * count, dimensions): two clouds far apart."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-4, 1, (count, dimensions)), rng.normal(4, 1, (count, dimensions))])


def mapped(vectors: np.ndarray) -> tuple[list[Progress], Projection]:
    """What was told on the way, and the map."""
    run = Steps(project(vectors, perplexity=10, seed=0))
    return list(run), run.result


def test_the_same_seed_gives_the_same_map_with_near_ones_together_and_progress_comes() -> None:
    told, first = mapped(two_clouds())
    shares = [progress.share for progress in told]
    _, again = mapped(two_clouds())
    assert np.array_equal(first.points, again.points)
    assert shares[0] == 0 and shares == sorted(shares) and 0 < max(shares) <= 1
    assert first.points.shape == (160, 2) and np.isfinite(first.points).all()
    left, right = first.points[:80], first.points[80:]
    apart = np.linalg.norm(left.mean(axis=0) - right.mean(axis=0))
    assert apart > 2 * max(np.linalg.norm(c - c.mean(axis=0), axis=1).mean() for c in (left, right))
    assert 0.8 < first.trustworthiness <= 1


def test_the_points_are_told_while_they_move_and_the_map_is_the_one_without_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vectors = two_clouds(400)
    run = Steps(project(vectors, perplexity=30, seed=0))
    places = [progress.points for progress in run if progress.points is not None]
    assert len(places) > 1 and all(points.shape == (800, 2) for points in places)
    assert any(not np.array_equal(a, b) for a, b in pairwise(places)), "they move"
    monkeypatch.setattr(projection, "tell_positions", lambda folder: None)
    np.save(tmp_path / projection.VECTORS, vectors.astype(np.float32))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    projection.main(tmp_path, 30, 0)
    assert not (tmp_path / projection.MOVING).exists()
    with np.load(tmp_path / projection.RESULT) as result:
        assert np.allclose(result["points"], run.result.points, atol=1e-3)


def test_equal_vectors_can_be_mapped_too() -> None:
    _, found = mapped(np.ones((40, 5)))
    assert found.points.shape == (40, 2) and np.isfinite(found.points).all()


def test_a_process_that_fails_is_one_sentence(caplog: pytest.LogCaptureFixture, started: Started) -> None:
    run = project(two_clouds(), 10, 0)
    next(run)
    started[0].kill()
    with pytest.raises(ProjectionError, match="t-SNE ended before its time"):
        list(run)
    assert "t-SNE ended with" in caplog.text


def test_one_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch, started: Started) -> None:
    monkeypatch.setattr(projection, "LONGEST", 0)
    with pytest.raises(ProjectionError, match="took longer"):
        list(project(two_clouds(), 10, 0))
    assert started[0].returncode is not None


def test_closing_kills_the_process_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, started: Started, tmp_path: Path
) -> None:
    monkeypatch.setattr(projection.tempfile, "tempdir", str(tmp_path))
    run = project(two_clouds(1500), 50, 0)
    next(run)
    assert started[0].poll() is None and any(tmp_path.iterdir())
    run.close()
    assert started[0].returncode is not None and not any(tmp_path.iterdir())


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
