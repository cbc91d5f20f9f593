"""LPIPS at equal PSNR: sharpening alone lowers both, so networks are compared where they cost the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from decloss.evaluation.intervals import Difference, paired_difference

BELOW = 0.1
"""How far below the top of the lower curve a comparison begins, in dB: the first bit of sharpening costs hardly any
PSNR, so at the top a difference would be that bit."""
LEVELS = 9
"""The number of levels of PSNR, evenly spaced, at which two curves are compared."""
Twins = Mapping[str, Mapping[str, Sequence[float]]]
"""Amount of sharpening -> metric -> one number an image."""


@dataclass(frozen=True)
class Point:
    """The scores of one network's pictures, one number an image."""

    psnr_y: Sequence[float]
    """PSNR on luma in dB."""
    lpips: Sequence[float]

    @property
    def level(self) -> float:
        """The mean of PSNR over the images."""
        return float(np.mean(self.psnr_y))

    @property
    def mean_lpips(self) -> float:
        """The mean of LPIPS over the images."""
        return float(np.mean(self.lpips))


Curve = Sequence[Point]
"""Points in the order in which the weight of a term, or an amount of sharpening, grows; all on the same images."""


@dataclass(frozen=True)
class Comparison:
    """How much the LPIPS of one curve differs from that of another at equal PSNR."""

    lowest: float
    """The lowest PSNR on luma at which they are compared."""
    highest: float
    """The highest one."""
    by_image: tuple[float, ...]
    """The first minus the second of each image, the mean over all levels."""

    @property
    def difference(self) -> Difference:
        """The mean over the images with its 95 % interval, from a paired bootstrap."""
        found = paired_difference(self.by_image, [0.0] * len(self.by_image))
        assert found is not None  # LPIPS is finite
        return found


def sharpened(twins: Twins) -> list[Point]:
    """Return one network's pictures by the amount of sharpening as a curve."""
    return [Point(twins[amount]["psnr_y"], twins[amount]["lpips"]) for amount in sorted(twins, key=float)]


def lpips_at(curve: Curve, level: float) -> list[float] | None:
    """Return the LPIPS of each image where a falling part of the curve has the mean PSNR ``level``.

    Between two points LPIPS is interpolated, image by image. None where no falling part has that level.
    """
    for left, right in pairwise(curve):
        if left.level >= level >= right.level and left.level > right.level:
            share = (left.level - level) / (left.level - right.level)
            return [(1 - share) * a + share * b for a, b in zip(left.lpips, right.lpips, strict=True)]
    return None


def compare_along(curve: Curve, other: Curve, levels: int = LEVELS) -> Comparison | None:
    """Compare two curves wherever both have the same PSNR, so that no one weight decides.

    Returns:
        The first minus the second, from ``BELOW`` under the lower top down to the higher of their ends; None if they
        have no PSNR in common there, or one of them has fewer than two points.
    """
    if min(len(curve), len(other)) < 2:
        return None
    tops, ends = ([extreme(point.level for point in c) for c in (curve, other)] for extreme in (max, min))
    highest, lowest = min(tops) - BELOW, max(ends)
    if highest <= lowest:
        return None
    return _compare(curve, other, [float(level) for level in np.linspace(highest, lowest, levels)])


def compare_as_it_is(model: Point, other: Curve) -> Comparison | None:
    """Compare a network's pictures as they are with another's that are sharpened until they have the same PSNR.

    Args:
        model: the scores of the network's own pictures.
        other: what ``sharpened`` returns for the network that it is compared with.

    Returns:
        The first minus the second; None where no amount of sharpening leads there.
    """
    their = lpips_at(other, model.level)
    if their is None:
        return None
    return Comparison(model.level, model.level, tuple(np.subtract(model.lpips, their).tolist()))


def compare_sharpened(model: Curve, other: Curve) -> Comparison | None:
    """Compare two networks, both sharpened until their PSNR is ``BELOW`` that of the lower one without sharpening.

    Args:
        model: what ``sharpened`` returns, the first point of which is without sharpening.
        other: the same of the network that it is compared with.

    Returns:
        The first minus the second; None where no amount of sharpening leads there.
    """
    return _compare(model, other, [min(curve[0].level for curve in (model, other)) - BELOW])


def mean_of(comparisons: Sequence[Comparison]) -> Comparison | None:
    """Return the mean, image by image, over several comparisons on the same images; None if there are none."""
    if not comparisons:
        return None
    means = np.mean([comparison.by_image for comparison in comparisons], axis=0)
    lowest, highest = min(c.lowest for c in comparisons), max(c.highest for c in comparisons)
    return Comparison(lowest, highest, tuple(means.tolist()))


def _compare(curve: Curve, other: Curve, levels: Sequence[float]) -> Comparison | None:
    pairs = [(level, lpips_at(curve, level), lpips_at(other, level)) for level in levels]
    common = [(level, np.subtract(own, their)) for level, own, their in pairs if own is not None and their is not None]
    if not common:
        return None
    shared = [level for level, _ in common]
    by_image = np.mean([differences for _, differences in common], axis=0)
    return Comparison(min(shared), max(shared), tuple(by_image.tolist()))
