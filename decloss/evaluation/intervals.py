"""How sure a mean over images is: bootstrap intervals, of one model and of the difference of two."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
LEVEL = 0.95


def bootstrap_interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of the mean over images.

    Args:
        values: one number an image, at least one; infinite ones make the interval infinite.
        seed: of the 10,000 resamples, so that the same numbers give the same interval.

    Returns:
        Its ends; both the value itself for one image.

    Raises:
        ValueError: without values.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0:
        raise ValueError("an interval needs at least one value")
    means = numbers[_resamples(numbers.size, seed)].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    return float(low), float(high)


def paired_difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean of ``first`` minus ``second`` over the same images, and its 95 % interval.

    Images differ far more from each other than models do on one image, so the pairs are resampled together.

    Returns:
        (mean, low, high). An interval that leaves out 0 means that the two differ on images like these.

    Raises:
        ValueError: if the lengths differ, or without values.
    """
    if len(first) != len(second):
        raise ValueError(f"pairs need as many values on both sides, got {len(first)} and {len(second)}")
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    low, high = bootstrap_interval(differences.tolist(), seed)
    return float(differences.mean()), low, high


def _resamples(count: int, seed: int) -> npt.NDArray[np.int64]:
    """Indices of the resampled images, (RESAMPLES, count)."""
    return np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
