"""All pairs of mini-patches without their matrices, as every backend gets them."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from decloss.dec.parameters import radius_of_positives
from decloss.dec.similarity import directions

FEW_VALUES = 12
"""Mini-patches of at most this many values (P = 2 in colour) are compared by differences, which is exact and cheap."""
FINE = 1e-5
"""The smallest squared positive distance that a product in float32 resolves, relative to the longest vector squared."""


@dataclass(frozen=True)
class Pairs:
    """B* mini-patches of D = C*P*P values. Pair (i, j) has similarities u_i.u_j and u_i.v_j, and is positive if close.

    A backend turns them into two sums for each row and, given their weights, into a gradient:

        E_ij = exp(c u_i.u_j) + 2 exp(c u_i.v_j), with c = exponent_pos for positives, exponent_neg for negatives;
        row_sums: for own rows i, the sums of E_ij over the positives j, and over the negatives j.
    """

    u: Tensor
    """The directions of the SR mini-patches, (B*, D)."""
    v: Tensor
    """The directions of the HR mini-patches, (B*, D)."""
    y: Tensor
    """The enhanced HR mini-patches less their mean, (B*, D), so that products of them lose little to rounding."""
    radius: float
    """The largest distance of HR mini-patches that are positive, which means M >= eta without a logarithm."""
    exponent_pos: float
    exponent_neg: float
    first: int
    """The first row of this process, whose rows are first to last - 1; its columns are those of all processes."""
    last: int
    half: bool
    """Whether similarities may be multiplied in bfloat16; distances never are."""

    @property
    def count(self) -> int:
        """B*, the number of mini-patches."""
        return self.u.shape[0]

    @cached_property
    def by_differences(self) -> bool:
        """Whether |y_i - y_j| must be computed from differences, since products would not resolve ``radius``.

        Finding out waits for a GPU, so forward and backward ask once.
        """
        if self.y.shape[1] <= FEW_VALUES:
            return True
        longest = self.y.square().sum(dim=1).max().item()
        return self.radius**2 < FINE * longest

    @property
    def margins(self) -> Tensor:
        """h, (B*,), for which |y_i - y_j| <= radius exactly if y_i.y_j + h_i + h_j >= 0."""
        return self.radius**2 / 4 - self.y.square().sum(dim=1) / 2


def make_pairs(
    sr_patches: Tensor,
    hr_patches: Tensor,
    eta: float,
    exponents: tuple[float, float],
    *,
    alpha: float = 1.0,
    rows: tuple[int, int] | None = None,
    half: bool = False,
) -> Pairs:
    """Make the pairs of mini-patches enhanced with ``alpha``, both (B*, C, P, P); only ``u`` keeps its graph."""
    with torch.no_grad():
        y = hr_patches.flatten(1)  # (B*, D)
        v = directions(hr_patches, alpha)
        y = y - y.mean(dim=0)
    first, last = rows or (0, len(y))
    u = directions(sr_patches, alpha)
    return Pairs(u, v, y, radius_of_positives(eta), *exponents, first, last, half)
