"""How sure a mean over images is: bootstrap intervals, of one model and of the difference of two."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

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
    resampled = np.random.default_rng(seed).integers(numbers.size, size=(RESAMPLES, numbers.size))
    means = numbers[resampled].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    return float(low), float(high)


def paired_difference(
    first: Iterable[float | None], second: Iterable[float | None], seed: int = 0
) -> tuple[float, float, float] | None:
    """Mean of ``first`` minus ``second`` over the same images, and its 95 % interval.

    Images differ far more from each other than models do on one image, so the pairs are resampled together. Those with
    a score that is missing or infinite are left out.

    Returns:
        (mean, low, high). An interval that leaves out 0 means that the two differ on images like these. None if no
        pair is left.

    Raises:
        ValueError: if the lengths differ.
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    differences = [a - b for a, b in pairs if math.isfinite(a - b)]
    if not differences:
        return None
    return float(np.mean(differences)), *bootstrap_interval(differences, seed)
