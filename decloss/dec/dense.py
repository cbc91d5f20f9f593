"""The dense backend: the contrastive loss as printed, Eq. (18) to (23), with every matrix in memory, to be read."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from decloss.dec.pairs import Pairs
from decloss.dec.parameters import COLDEST, INSIDE, OUTSIDE, check_contrast_arguments
from decloss.dec.similarity import cosine_similarity, psnr_similarity

# The constants are read from here as well.
__all__ = ["COLDEST", "INSIDE", "OUTSIDE", "Contrast", "contrast", "row_sums"]


@dataclass(frozen=True)
class Contrast:
    """Everything between mini-patches and loss, for R rows of the B* mini-patches: all of them, or those asked for."""

    s_sr_hr: Tensor
    """S^{sr->hr}, (R, B*), Eq. (18)."""
    s_sr_sr: Tensor
    """S^{sr->sr}, (R, B*), Eq. (19)."""
    m: Tensor
    """M, (R, B*) in dB, Eq. (20)."""
    positives: Tensor
    """M >= eta, (R, B*), bool."""
    q_pos: Tensor
    """(R,), Eq. (21)."""
    q_neg: Tensor
    """(R,), Eq. (22)."""
    patch_loss: Tensor
    """(R,): see ``patch_losses``."""
    loss: Tensor
    """Scalar: the mean of those over the rows."""


def contrast(
    sr_patches: Tensor,
    hr_patches: Tensor,
    eta: float,
    t_pos: float = 0.5,
    t_neg: float = 1.5,
    temperature: str = OUTSIDE,
    max_value: float = 1.0,
    *,
    rows: Tensor | None = None,
) -> Contrast:
    """Eq. (18) to (23) for enhanced mini-patches.

    Args:
        sr_patches: (B*, C, P, P); the gradient flows through these.
        hr_patches: the same shape; they get no gradient.
        eta: dB, finite; pairs with M >= eta are positive.
        t_pos: temperature of the positive pairs, positive.
        t_neg: temperature of the negative pairs, positive.
        temperature: "outside" divides the sums as printed, which adds log(t_pos / t_neg) to the loss and leaves its
            gradient alone; "inside" divides the exponents as SimCLR does.
        max_value: MAX of Eq. (20).
        rows: indices (R,) of the rows i wanted; all of them if None.

    NaN in a mini-patch makes the loss NaN.

    Raises:
        ValueError: for shapes that differ, temperatures that are not positive, or another ``temperature``.
    """
    check_contrast_arguments(eta, t_pos, t_neg, temperature)
    if sr_patches.shape != hr_patches.shape or sr_patches.ndim != 4:
        shapes = f"{tuple(sr_patches.shape)} and {tuple(hr_patches.shape)}"
        raise ValueError(f"mini-patches of SR and HR must both be (B*, C, P, P), got {shapes}")
    hr_patches = hr_patches.detach()
    anchors = slice(None) if rows is None else rows
    s_sr_hr = cosine_similarity(sr_patches[anchors], hr_patches)  # Eq. (18)
    s_sr_sr = cosine_similarity(sr_patches[anchors], sr_patches)  # Eq. (19)
    m = psnr_similarity(hr_patches, max_value, rows=rows)  # Eq. (20)
    positives = m >= eta
    sums_pos, sums_neg = _sums(s_sr_sr, s_sr_hr, positives, *exponents_of(temperature, t_pos, t_neg))
    outside_pos, outside_neg = (t_pos, t_neg) if temperature == OUTSIDE else (1.0, 1.0)
    q_pos, q_neg = sums_pos / outside_pos, sums_neg / outside_neg  # Eq. (21) and (22)
    summands = patch_losses(q_pos, q_neg)
    return Contrast(s_sr_hr, s_sr_sr, m, positives, q_pos, q_neg, summands, summands.mean())


def row_sums(pairs: Pairs) -> tuple[Tensor, Tensor]:
    """See ``backends.Backend``; the gradient is autograd's, and so has derivatives itself."""
    s_sr_sr, s_sr_hr = pairs.u @ pairs.u.T, pairs.u @ pairs.v.T  # (B*, B*), Eq. (19) and (18)
    return _sums(s_sr_sr, s_sr_hr, positive_pairs(pairs), pairs.exponent_pos, pairs.exponent_neg)


def positive_pairs(pairs: Pairs) -> Tensor:
    """M >= eta, (B*, B*), bool: which HR mini-patches are close, by the distances themselves."""
    return torch.cdist(pairs.y, pairs.y, compute_mode="donot_use_mm_for_euclid_dist") <= pairs.radius


def patch_losses(q_pos: Tensor, q_neg: Tensor, constant: float = 0.0) -> Tensor:
    """The summands of Eq. (23), -log(Q_pos / Q_neg), whose mean is the loss.

    Without a negative Q_neg is 0 and the printed loss minus infinity: such a row contributes nothing instead.

    Args:
        q_pos: (R,), Eq. (21), or that without the temperature in front of the sum.
        q_neg: (R,), Eq. (22), or that without it.
        constant: what such a missing temperature adds to each summand: see ``constant_of``.

    Returns:
        (R,); zero for rows without a negative.
    """
    alone = q_neg == 0
    return torch.where(alone, 0.0, constant - torch.log(q_pos / torch.where(alone, 1.0, q_neg)))


def exponents_of(temperature: str, t_pos: float, t_neg: float) -> tuple[float, float]:
    """What multiplies a similarity inside the exponent: 1/t, or 1 where the temperatures stay outside."""
    return (1 / t_pos, 1 / t_neg) if temperature == INSIDE else (1.0, 1.0)


def constant_of(temperature: str, t_pos: float, t_neg: float) -> float:
    """What temperatures outside the exponent add to the loss, whatever the images: log(t_pos / t_neg)."""
    return math.log(t_pos / t_neg) if temperature == OUTSIDE else 0.0


def _sums(
    s_sr_sr: Tensor, s_sr_hr: Tensor, positives: Tensor, exponent_pos: float, exponent_neg: float
) -> tuple[Tensor, Tensor]:
    """The sums of Eq. (21) and (22) for matrices (R, B*): over the positives of each row, and over its negatives."""
    of_pos = torch.exp(exponent_pos * s_sr_sr) + 2 * torch.exp(exponent_pos * s_sr_hr)
    of_neg = of_pos
    if exponent_neg != exponent_pos:
        of_neg = torch.exp(exponent_neg * s_sr_sr) + 2 * torch.exp(exponent_neg * s_sr_hr)
    return (positives * of_pos).sum(dim=1), (~positives * of_neg).sum(dim=1)
