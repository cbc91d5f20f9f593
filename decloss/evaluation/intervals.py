"""How sure a mean over images is: bootstrap intervals, of one model and of the difference of two."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
LEVEL = 0.95
LEAST_PAIRS = 5
"""The fewest pairs for a verdict: below, resampling repeats so few images that it says nothing about others."""


def bootstrap_interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean over images.

    Args:
        values: one number an image, at least one; infinite ones make the interval infinite.
        seed: the seed of the 10,000 resamples, so that the same numbers give the same interval.

    Returns:
        Its low and its high end; for one image, both are the value itself.

    Raises:
        ValueError: if there are no values.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0:
        raise ValueError("an interval needs at least one value")
    resampled = np.random.default_rng(seed).integers(numbers.size, size=(RESAMPLES, numbers.size))
    means = numbers[resampled].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    return float(low), float(high)


@dataclass(frozen=True)
class Difference:
    """How much one model's scores differ from another's over the same images."""

    mean: float
    """The mean of the first minus the second."""
    low: float
    """The low end of its 95 % interval."""
    high: float
    """The high end of its 95 % interval."""
    pairs: int
    """The number of images that it rests on: those with two finite scores."""

    @property
    def shown(self) -> bool | None:
        """Whether the two differ on images like these: the interval leaves out 0. None if there are too few images."""
        return None if self.pairs < LEAST_PAIRS else not self.low <= 0 <= self.high


def paired_difference(
    first: Iterable[float | None], second: Iterable[float | None], seed: int = 0
) -> Difference | None:
    """Return the mean of ``first`` minus ``second`` over the same images, and its 95 % interval.

    Images differ far more from each other than models do on one image, so the pairs are resampled together. Those with
    a score that is missing or infinite are left out.

    Returns:
        The difference, or None if no pair is left.

    Raises:
        ValueError: if the lengths differ.
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    differences = [a - b for a, b in pairs if math.isfinite(a - b)]
    if not differences:
        return None
    return Difference(float(np.mean(differences)), *bootstrap_interval(differences, seed), len(differences))
