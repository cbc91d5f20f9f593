"""The contrastive loss as printed, Eq. (18) to (23), with every matrix in memory: the readable reference."""

from dataclasses import dataclass

import torch
from torch import Tensor

from decloss.dec.similarity import cosine_similarity, psnr_similarity

OUTSIDE, INSIDE = "outside", "inside"


@dataclass(frozen=True)
class Contrast:
    """Everything between mini-patches and loss; B* is the number of mini-patches."""

    s_sr_hr: Tensor
    """S^{sr->hr}, (B*, B*), Eq. (18)."""
    s_sr_sr: Tensor
    """S^{sr->sr}, (B*, B*), Eq. (19)."""
    m: Tensor
    """M, (B*, B*) in dB, Eq. (20)."""
    positives: Tensor
    """M >= eta, (B*, B*), bool."""
    q_pos: Tensor
    """(B*,), Eq. (21)."""
    q_neg: Tensor
    """(B*,), Eq. (22)."""
    patch_loss: Tensor
    """(B*,): the summands of Eq. (23); zero for rows without a negative."""
    loss: Tensor
    """Scalar, Eq. (23)."""


def contrast(
    sr_patches: Tensor,
    hr_patches: Tensor,
    eta: float,
    t_pos: float = 0.5,
    t_neg: float = 1.5,
    temperature: str = OUTSIDE,
    max_value: float = 1.0,
) -> Contrast:
    """Eq. (18) to (23) for enhanced mini-patches.

    Args:
        sr_patches: (B*, C, P, P); the gradient flows through these.
        hr_patches: the same shape; only their similarities matter, no gradient is needed.
        eta: dB; pairs with M >= eta are positive.
        t_pos: temperature of the positive pairs, positive.
        t_neg: temperature of the negative pairs, positive.
        temperature: "outside" divides the sums as printed, which adds log(t_pos / t_neg) to the loss and leaves its
            gradient alone; "inside" divides the exponents as SimCLR does.
        max_value: MAX of Eq. (20).

    NaN in a mini-patch makes the loss NaN.

    Raises:
        ValueError: for shapes that differ, temperatures that are not positive, or another ``temperature``.
    """
    if sr_patches.shape != hr_patches.shape or sr_patches.ndim != 4:
        shapes = f"{tuple(sr_patches.shape)} and {tuple(hr_patches.shape)}"
        raise ValueError(f"mini-patches of SR and HR must both be (B*, C, P, P), got {shapes}")
    if not (t_pos > 0 and t_neg > 0):
        raise ValueError(f"t_pos and t_neg must be positive, got {t_pos} and {t_neg}")
    if temperature not in (OUTSIDE, INSIDE):
        raise ValueError(f"temperature must be {OUTSIDE!r} or {INSIDE!r}, got {temperature!r}")
    s_sr_hr = cosine_similarity(sr_patches, hr_patches)  # Eq. (18)
    s_sr_sr = cosine_similarity(sr_patches, sr_patches)  # Eq. (19)
    m = psnr_similarity(hr_patches, max_value)  # Eq. (20)
    positives = m >= eta
    q_pos = _score(s_sr_hr, s_sr_sr, positives, t_pos, temperature)  # Eq. (21)
    q_neg = _score(s_sr_hr, s_sr_sr, ~positives, t_neg, temperature)  # Eq. (22)
    # Without a negative Q_neg is 0 and the printed loss minus infinity: such a row contributes nothing instead.
    alone = positives.all(dim=1)
    patch_loss = -torch.log(torch.where(alone, 1.0, q_pos / torch.where(alone, 1.0, q_neg)))
    return Contrast(s_sr_hr, s_sr_sr, m, positives, q_pos, q_neg, patch_loss, patch_loss.mean())  # Eq. (23)


def _score(s_sr_hr: Tensor, s_sr_sr: Tensor, chosen: Tensor, t: float, temperature: str) -> Tensor:
    """Row sums of e^{S^{sr->sr}} + 2 e^{S^{sr->hr}} over ``chosen``, (B*,)."""
    if temperature == OUTSIDE:
        return (chosen * (torch.exp(s_sr_sr) + 2 * torch.exp(s_sr_hr))).sum(dim=1) / t
    return (chosen * (torch.exp(s_sr_sr / t) + 2 * torch.exp(s_sr_hr / t))).sum(dim=1)
