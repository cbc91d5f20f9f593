"""ICOO, the intensity of the centre-oriented optimisation problem, Eq. (9) to (11) and §5.2 of the paper."""

import numpy as np
import torch
from torch import Tensor

DISTANCES = ("mse", "l1", "l2")


def icoo(
    sr: Tensor,
    hr: Tensor,
    *,
    patch_size: int = 12,
    sr_patches: int = 8,
    hr_patches: int = 100,
    rounds: int = 10,
    distance: str = "mse",
    seed: int = 0,
) -> Tensor:
    """Return S of Eq. (11) for each image, in dB, averaged over rounds; lower is better.

    In each round SR and HR mini-patches are cut at independent random places. An SR mini-patch whose nearest HR
    mini-patch is k scores P = d_k / sum of the other d_j (Eq. 10), and S = -10 log10 of the sum of P. A blurred one is
    near the centre of all HR mini-patches and so near some: P is small, S high. ``icoo(hr, hr)`` is the images' floor.

    The places depend on the seed and the size alone, so an image scores the same in any batch.

    Args:
        sr: (B, C, H, W) in [0, 1].
        hr: the same shape.
        patch_size: the side of the mini-patches in pixels.
        sr_patches: SR mini-patches in a round; §5.2 says eight, Eq. (11) has the two numbers the other way round.
        hr_patches: HR mini-patches in a round, at least 2.
        rounds: the number of rounds, whose mean is taken.
        distance: d, which the paper does not name: "mse" (mean square), "l1" (mean absolute) or "l2" (norm).
        seed: the seed of the places.

    Returns:
        (B,) float64. Where a mini-patch equals an HR mini-patch its P is 0, or 1 / (``hr_patches`` - 1) if it equals
        all of them; S is infinite if every P of a round is 0.

    Raises:
        ValueError: for shapes that differ, an image smaller than a mini-patch, or a number or distance without meaning.
    """
    if sr.shape != hr.shape or sr.ndim != 4 or not (sr.is_floating_point() and hr.is_floating_point()):
        shapes = f"{sr.dtype} {tuple(sr.shape)} and {hr.dtype} {tuple(hr.shape)}"
        raise ValueError(f"sr and hr must both be floating point (B, C, H, W), got {shapes}")
    if distance not in DISTANCES:
        raise ValueError(f"distance must be one of {DISTANCES}, got {distance!r}")
    height, width = sr.shape[-2:]
    if not 1 <= patch_size <= min(height, width):
        raise ValueError(f"patch_size must be from 1 to {min(height, width)}, got {patch_size}")
    if sr_patches < 1 or hr_patches < 2 or rounds < 1:
        got = f"{sr_patches}, {hr_patches} and {rounds}"
        raise ValueError(f"at least 1 SR patch, 2 HR patches and 1 round are needed, got {got}")
    rng = np.random.default_rng(seed)
    limits = (height - patch_size + 1, width - patch_size + 1)
    scores = []
    for _ in range(rounds):
        sr_places, hr_places = (rng.integers(limits, size=(count, 2)) for count in (sr_patches, hr_patches))
        a, b = _cut(sr, sr_places, patch_size), _cut(hr, hr_places, patch_size)  # (B, M, D), (B, N, D)
        scores.append(_score(_distances(a, b, distance)))
    return torch.stack(scores).mean(dim=0)


def _cut(images: Tensor, places: np.ndarray, size: int) -> Tensor:
    """Cut the mini-patches at ``places`` (n, 2); return them as vectors, (B, n, C*size*size), float64."""
    patches = [images[:, :, y : y + size, x : x + size].flatten(1) for y, x in places.tolist()]
    return torch.stack(patches, dim=1).double()


def _distances(a: Tensor, b: Tensor, distance: str) -> Tensor:
    """Return the distance of every SR mini-patch to every HR mini-patch, (B, M, N)."""
    norms = torch.cdist(a, b, p=1.0 if distance == "l1" else 2.0, compute_mode="donot_use_mm_for_euclid_dist")
    if distance == "l2":
        return norms
    values = a.shape[-1]
    return norms / values if distance == "l1" else norms.square() / values


def _score(d: Tensor) -> Tensor:
    """Return S of Eq. (10) and (11) for the distances (B, M, N), (B,)."""
    nearest = d.amin(dim=2)  # (B, M)
    others = d.sum(dim=2) - nearest
    # If all distances are zero, all mini-patches are alike, and each is as near as the other N - 1.
    alike = others == 0
    p = torch.where(alike, 1 / (d.shape[2] - 1), nearest / torch.where(alike, 1.0, others))
    return -10 * torch.log10(p.sum(dim=1))
