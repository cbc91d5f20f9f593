"""The dense backend, to be read: the contrastive loss of Eq. (18) to (23) as printed, with every matrix in memory."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from decloss.dec.pairs import Pairs
from decloss.dec.parameters import INSIDE, OUTSIDE, check_contrast_arguments
from decloss.dec.similarity import cosine_similarity, psnr_similarity

# Whoever calls ``contrast`` finds the two words for its ``temperature`` here.
__all__ = ["INSIDE", "OUTSIDE", "Contrast", "contrast", "row_sums"]


@dataclass(frozen=True)
class Contrast:
    """Everything between mini-patches and loss, for R of the B* rows: all of them, or those that were asked for."""

    s_sr_hr: Tensor
    """S^{sr->hr}, (R, B*), Eq. (18)."""
    s_sr_sr: Tensor
    """S^{sr->sr}, (R, B*), Eq. (19)."""
    m: Tensor
    """M, (R, B*) in dB, Eq. (20)."""
    positives: Tensor
    """Whether M >= eta, (R, B*), bool."""
    q_pos: Tensor
    """Q_pos, (R,), Eq. (21)."""
    q_neg: Tensor
    """Q_neg, (R,), Eq. (22)."""
    patch_loss: Tensor
    """What each row adds to the loss before the mean, (R,): see ``patch_losses``."""
    loss: Tensor
    """The mean of ``patch_loss`` over the rows, a scalar."""


def contrast(
    sr_patches: Tensor,
    hr_patches: Tensor,
    eta: float,
    t_pos: float = 0.5,
    t_neg: float = 1.5,
    temperature: str = OUTSIDE,
    max_value: float = 1.0,
    *,
    alpha: float = 1.0,
    rows: Tensor | None = None,
) -> Contrast:
    """Compute the loss of enhanced mini-patches and all that is on the way to it; NaN in a mini-patch gives NaN.

    Args:
        sr_patches: (B*, C, P, P); the gradient flows through these.
        hr_patches: the same shape; they get no gradient.
        eta: the threshold in dB, finite; pairs with M >= eta are positive.
        t_pos: the temperature of the positive pairs, above 0.
        t_neg: the temperature of the negative pairs, above 0.
        temperature: "outside" divides the sums as printed, which adds log(t_pos / t_neg) to the loss and leaves its
            gradient alone; "inside" divides the exponents as SimCLR does.
        max_value: MAX of Eq. (20).
        alpha: the alpha by which the mini-patches were enhanced, so that the flat ones are the same at every alpha.
        rows: indices (R,) of the rows i that are wanted; all of them if None.

    Raises:
        ValueError: for shapes that differ, temperatures that are not positive, or another ``temperature``.
    """
    check_contrast_arguments(eta, t_pos, t_neg, temperature)
    if sr_patches.shape != hr_patches.shape or sr_patches.ndim != 4:
        shapes = f"{tuple(sr_patches.shape)} and {tuple(hr_patches.shape)}"
        raise ValueError(f"mini-patches of SR and HR must both be (B*, C, P, P), got {shapes}")
    hr_patches = hr_patches.detach()
    anchors = slice(None) if rows is None else rows
    s_sr_hr = cosine_similarity(sr_patches[anchors], hr_patches, alpha)  # Eq. (18)
    s_sr_sr = cosine_similarity(sr_patches[anchors], sr_patches, alpha)  # Eq. (19)
    m = psnr_similarity(hr_patches, max_value, rows=rows)  # Eq. (20)
    positives = m >= eta
    sums_pos, sums_neg = _sums(s_sr_sr, s_sr_hr, positives, *exponents_of(temperature, t_pos, t_neg))
    outside_pos, outside_neg = (t_pos, t_neg) if temperature == OUTSIDE else (1.0, 1.0)
    q_pos, q_neg = sums_pos / outside_pos, sums_neg / outside_neg  # Eq. (21) and (22)
    summands = patch_losses(q_pos, q_neg)
    return Contrast(s_sr_hr, s_sr_sr, m, positives, q_pos, q_neg, summands, summands.mean())


def row_sums(pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Return the sums as ``backends.Backend`` says; autograd computes the gradient, so second derivatives exist."""
    s_sr_sr, s_sr_hr = pairs.u @ pairs.u.T, pairs.u @ pairs.v.T  # (B*, B*), Eq. (19) and (18)
    return _sums(s_sr_sr, s_sr_hr, positive_pairs(pairs), pairs.exponent_pos, pairs.exponent_neg)


def positive_pairs(pairs: Pairs) -> Tensor:
    """Return M >= eta, (B*, B*), bool, from the distances of HR mini-patches, without a logarithm."""
    return torch.cdist(pairs.y, pairs.y, compute_mode="donot_use_mm_for_euclid_dist") <= pairs.radius


def patch_losses(q_pos: Tensor, q_neg: Tensor, constant: float = 0.0) -> Tensor:
    """Return the summands of Eq. (23), -log(Q_pos / Q_neg), whose mean is the loss.

    If a row has no negative, Q_neg is 0 and the printed loss minus infinity: such a row contributes nothing instead.

    Args:
        q_pos: Q_pos of Eq. (21), (R,), or its sum without the temperature in front.
        q_neg: Q_neg of Eq. (22), (R,), or its sum without the temperature in front.
        constant: what the missing temperatures add to each summand: see ``constant_of``.

    Returns:
        (R,); zero for rows without a negative.
    """
    alone = q_neg == 0
    return torch.where(alone, 0.0, constant - torch.log(q_pos / torch.where(alone, 1.0, q_neg)))


def exponents_of(temperature: str, t_pos: float, t_neg: float) -> tuple[float, float]:
    """Return the factors of similarities inside the exponents: 1/t, or 1 where the temperatures stay outside."""
    return (1 / t_pos, 1 / t_neg) if temperature == INSIDE else (1.0, 1.0)


def constant_of(temperature: str, t_pos: float, t_neg: float) -> float:
    """Return what temperatures outside the exponent add to the loss, whatever the images: log(t_pos / t_neg)."""
    return math.log(t_pos / t_neg) if temperature == OUTSIDE else 0.0


def _sums(
    s_sr_sr: Tensor, s_sr_hr: Tensor, positives: Tensor, exponent_pos: float, exponent_neg: float
) -> tuple[Tensor, Tensor]:
    """Return the sums of Eq. (21) and (22) over the positives and the negatives of each row of matrices (R, B*)."""
    of_pos = torch.exp(exponent_pos * s_sr_sr) + 2 * torch.exp(exponent_pos * s_sr_hr)
    of_neg = of_pos
    if exponent_neg != exponent_pos:
        of_neg = torch.exp(exponent_neg * s_sr_sr) + 2 * torch.exp(exponent_neg * s_sr_hr)
    return (positives * of_pos).sum(dim=1), (~positives * of_neg).sum(dim=1)
