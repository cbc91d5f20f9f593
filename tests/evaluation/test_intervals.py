"""Bootstrap intervals against scipy's, and what they must do."""

import numpy as np
import pytest
from scipy import stats

from decloss.evaluation.intervals import Difference, bootstrap_interval, paired_difference


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(1).normal(27, 3, 60)
    expected = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=10_000, random_state=0)
    low, high = bootstrap_interval(values.tolist())
    assert (low, high) == pytest.approx(tuple(expected.confidence_interval), abs=0.03)
    assert low < values.mean() < high and (low, high) == bootstrap_interval(values.tolist())


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_interval(rng.normal(0, 1, 100).tolist())
        hits += low <= 0 <= high
    assert 180 <= hits <= 199


def test_pairing_finds_what_the_spread_between_images_hides() -> None:
    rng = np.random.default_rng(3)
    images = rng.normal(27, 3, 40)
    first, second = (images + rng.normal(shift, 0.05, 40) for shift in (0.1, 0.0))
    found = paired_difference(first.tolist(), second.tolist())
    assert found.mean == pytest.approx((first - second).mean()) and 0 < found.low < found.mean < found.high < 0.2
    assert found.shown and found.pairs == 40
    alone, other = bootstrap_interval(first.tolist()), bootstrap_interval(second.tolist())
    assert alone[0] < other[1]  # each by itself shows nothing
    assert paired_difference(second.tolist(), first.tolist()).mean == pytest.approx(-found.mean)


def test_odd_input() -> None:
    assert bootstrap_interval([2.0]) == (2.0, 2.0)
    assert bootstrap_interval([float("inf"), 1.0])[1] == float("inf")
    with pytest.raises(ValueError, match="at least one"):
        bootstrap_interval([])
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([1.0, 2.0], [1.0])
    assert paired_difference([1.0, None, float("inf")], [0.5, 2.0, 1.0]) == Difference(0.5, 0.5, 0.5, pairs=1)
    assert paired_difference([None], [1.0]) is None


def test_fewer_than_five_images_show_nothing() -> None:
    assert paired_difference([1.0] * 4, [0.0] * 4).shown is None
    assert paired_difference([1.0] * 5, [0.0] * 5).shown is True
    assert paired_difference([1.0, -1.0, 1.0, -1.0, 0.0], [0.0] * 5).shown is False
