"""What DECLoss sees in one crop: every mini-patch against every other, Eq. (18) to (22), as arrays to look at."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from decloss.dec import DECLoss, enhance_high_frequency, eta_from_share, extract_mini_patches, mu_from_fraction
from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.dec.similarity import psnr_of_pairs
from decloss.files.images import RGBArray
from decloss.pixels import to_tensor

MOST = 48
"""The most mini-patches a side: with a small P only the middle of the crop is used."""
PRINTED = (0.5, 1.5)
"""The temperatures of positives and of negatives with which the paper trains."""
STEPS_PER_DB = 10
"""The bins of M's histogram in a decibel; the line between positives and negatives moves in these steps."""
LOWEST, HIGHEST = -60, 100
"""The range of M's histogram in dB; values beyond it are counted in the outermost bins."""

Grid = NDArray[np.float32]


@dataclass(frozen=True)
class ContrastSettings:
    """The settings of the loss for one crop."""

    patch_size: int = 8
    """P, the side of a mini-patch in pixels."""
    mu_share: float = 0.25
    """The width mu of the mask, as a share of the used side."""
    alpha: float = 1.0
    eta: float | None = None
    """The threshold of M in dB; None finds the one at which ``share`` of the pairs i != j are positive."""
    share: float = 0.03
    t_pos: float = PRINTED[0]
    t_neg: float = PRINTED[1]
    temperature: str = OUTSIDE
    """Where the temperatures divide, "outside" or "inside" the exponent: see ``DECLoss``."""


@dataclass(frozen=True)
class Histogram:
    """The distribution of M over the pairs i < j, without the pairs of equal mini-patches."""

    start: int
    """The lower edge of the first bin, in steps of 1/``STEPS_PER_DB`` dB."""
    counts: NDArray[np.int64]
    """The number of pairs in each bin, from the first to the last bin that has any."""
    equal: int
    """The number of pairs whose M is infinite, since their mini-patches are equal."""


@dataclass(frozen=True)
class ContrastView:
    """Everything about a crop that does not depend on which mini-patch is looked at."""

    settings: ContrastSettings
    hr: RGBArray
    """The used part of the crop, (side, side, 3)."""
    sr: RGBArray
    eta: float
    """The threshold of M in dB."""
    share: float
    """The share of the pairs i != j that are positive."""
    histogram: Histogram
    positives: NDArray[np.int64]
    """The number of each mini-patch's positives, of which it is one itself, (n, n)."""
    by_patch: Grid
    """What each mini-patch adds to the loss before the mean, (n, n); zero for one without a negative."""

    @property
    def n(self) -> int:
        """The number of mini-patches a side."""
        return len(self.by_patch)

    @property
    def loss(self) -> float:
        """The loss of the crop: the mean over its mini-patches."""
        return float(self.by_patch.mean(dtype=np.float64))

    @property
    def eta_at_alpha_one(self) -> float:
        """The eta in dB that means the same at alpha = 1, since alpha and eta act as one knob."""
        return self.eta + 40 * math.log10(self.settings.alpha)


@dataclass(frozen=True)
class Row:
    """Row i of the matrices as arrays (n, n), laid out as the mini-patches lie in the picture."""

    m: Grid
    """M in dB, Eq. (20); infinite at the mini-patch itself."""
    s_sr_hr: Grid
    """S^{sr->hr}, Eq. (18)."""
    s_sr_sr: Grid
    """S^{sr->sr}, Eq. (19)."""
    positives: NDArray[np.bool_]
    q_pos: float
    """The sum over the positives, Eq. (21)."""
    q_neg: float
    """The sum over the negatives, Eq. (22)."""
    loss: float
    """What this mini-patch adds to the loss before the mean; zero if it has no negative."""


@dataclass(frozen=True)
class Slope:
    """The loss and its gradient at one pair of temperatures, in one reading of these."""

    t_pos: float
    t_neg: float
    temperature: str
    loss: float
    gradient: Grid
    """The gradient of the loss with respect to the values of SR in [0, 1], (side, side, 3)."""

    @property
    def norm(self) -> float:
        """The L2 norm of the gradient over all pixels and channels."""
        return float(np.linalg.norm(self.gradient))


def used_side(side: int, patch_size: int) -> int:
    """Return the pixels of a crop of ``side`` that are used: whole mini-patches, at most ``MOST`` a side."""
    return min(side // patch_size, MOST) * patch_size


def compute_contrast(sr: RGBArray, hr: RGBArray, settings: ContrastSettings) -> ContrastView:
    """Compute the loss in the middle of a crop, and all that does not depend on a chosen mini-patch.

    Args:
        sr: (side, side, 3), 8-bit RGB.
        hr: 8-bit RGB of the same shape.
        settings: the settings of the loss.

    Raises:
        ValueError: for settings without meaning, or if no eta gives the share since all mini-patches are equal.
    """
    side = used_side(len(hr), settings.patch_size)
    start = (len(hr) - side) // 2
    sr, hr = (image[start : start + side, start : start + side] for image in (sr, hr))
    y, mu = to_tensor(hr), mu_from_fraction(settings.mu_share, side)
    eta = settings.eta
    if eta is None:
        eta = eta_from_share(y, settings.share, settings.alpha, mu, settings.patch_size)
    m = psnr_of_pairs(extract_mini_patches(enhance_high_frequency(y, settings.alpha, mu), settings.patch_size))
    by_patch = _loss(settings, eta, side).loss_by_patch(to_tensor(sr), y)
    n = side // settings.patch_size
    alike = m >= eta
    counts = _count_by_patch(alike, n * n).reshape(n, n)
    share = alike.double().mean().item()
    return ContrastView(settings, hr, sr, eta, share, _histogram(m), counts.numpy(), by_patch.reshape(n, n).numpy())


def most_positives(view: ContrastView, row: int | None = None, column: int | None = None) -> tuple[int, int]:
    """Return row and column, from 0, of the mini-patch with the most positives: the one that shows best what eta does.

    A ``row`` or a ``column`` that is given is kept, and the other is found; of several the first is returned.
    """
    rows, columns = (slice(place, None if place is None else place + 1) for place in (row, column))
    counts = view.positives[rows, columns]
    down, across = np.unravel_index(counts.argmax(), counts.shape)
    return (row or 0) + int(down), (column or 0) + int(across)


def compute_row(view: ContrastView, row: int, column: int) -> Row:
    """Compute row i of the matrices, for the mini-patch at ``row`` and ``column``, counted from 0."""
    anchor = torch.tensor([row * view.n + column])
    loss = _loss(view.settings, view.eta, len(view.hr))
    found = loss.intermediates(to_tensor(view.sr), to_tensor(view.hr), rows=anchor).contrast
    m, s_sr_hr, s_sr_sr, positives = (
        values.reshape(view.n, view.n).numpy() for values in (found.m, found.s_sr_hr, found.s_sr_sr, found.positives)
    )
    return Row(m, s_sr_hr, s_sr_sr, positives, found.q_pos.item(), found.q_neg.item(), found.patch_loss.item())


def compute_slope(view: ContrastView, t_pos: float, t_neg: float, temperature: str) -> Slope:
    """Compute the loss and its gradient with these temperatures in place of those of ``view``."""
    settings = replace(view.settings, t_pos=t_pos, t_neg=t_neg, temperature=temperature)
    sr = to_tensor(view.sr).requires_grad_()
    loss = _loss(settings, view.eta, len(view.hr))(sr, to_tensor(view.hr))
    (gradient,) = torch.autograd.grad(loss, sr)
    return Slope(t_pos, t_neg, temperature, loss.item(), gradient[0].permute(1, 2, 0).numpy())


def compute_slopes(view: ContrastView) -> dict[tuple[str, float, float], Slope]:
    """Compute the slopes at the printed and at the view's temperatures in both readings, by (reading, t_pos, t_neg)."""
    chosen = (view.settings.t_pos, view.settings.t_neg)
    cases = [(reading, *pair) for reading in (OUTSIDE, INSIDE) for pair in (PRINTED, chosen)]
    return {case: compute_slope(view, case[1], case[2], case[0]) for case in dict.fromkeys(cases)}


@torch.no_grad()
def loss_with_alpha(view: ContrastView, alpha: float) -> tuple[float, float]:
    """Return the eta in dB that goes with another ``alpha``, and the loss at both, which is the same as before."""
    eta = view.eta_at_alpha_one - 40 * math.log10(alpha)
    loss = _loss(replace(view.settings, alpha=alpha), eta, len(view.hr))
    return eta, loss(to_tensor(view.sr), to_tensor(view.hr)).item()


def _loss(settings: ContrastSettings, eta: float, side: int) -> DECLoss:
    return DECLoss(
        settings.alpha,
        mu_from_fraction(settings.mu_share, side),
        eta,
        settings.t_pos,
        settings.t_neg,
        settings.patch_size,
        settings.temperature,
    )


def _count_by_patch(alike: torch.Tensor, count: int) -> torch.Tensor:
    """Return how many of ``count`` mini-patches each is alike, itself included, from all pairs i < j row by row."""
    first, second = torch.triu_indices(count, count, 1, dtype=torch.int32)  # (pairs,) each
    return 1 + torch.bincount(first[alike], minlength=count) + torch.bincount(second[alike], minlength=count)


def _histogram(m: torch.Tensor) -> Histogram:
    finite = m[m.isfinite()]
    size = (HIGHEST - LOWEST) * STEPS_PER_DB
    bins = finite.double().sub_(LOWEST).mul_(STEPS_PER_DB).floor_().clamp_(0, size - 1).long()
    counts = torch.bincount(bins, minlength=size).numpy()
    filled = np.flatnonzero(counts)
    first, last = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (0, 0)
    return Histogram(LOWEST * STEPS_PER_DB + first, counts[first:last], len(m) - len(finite))
