"""How eta and mu, which the paper leaves open, are found by quantities that mean the same for every photo and crop."""

import math
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decloss.dec.frequency import enhance_high_frequency
from decloss.dec.parameters import DEFAULT_MU_BINS
from decloss.dec.similarity import extract_mini_patches

PAIRS = 500_000
"""The most pairs that are compared; of more, as many are drawn, which tells a share of 1 % to within 0.03 %."""
PAIRS_AT_ONCE = 50_000


@torch.no_grad()
def eta_from_share(
    hr: Tensor | Iterable[Tensor],
    share: float,
    alpha: float = 1.0,
    mu: float = DEFAULT_MU_BINS,
    patch_size: int = 8,
    *,
    seed: int = 0,
) -> float:
    """Return the eta in dB at which ``share`` of the pairs of different HR mini-patches are positive.

    A fixed eta means something else at every mu and patch size; a share does not. Use a batch like those of the
    training, with as many crops of the same size, or several such batches, since the share differs a lot among them.

    Args:
        hr: (B, C, H, W) in [0, 1], or several such batches: pairs are then those within each of them.
        share: the share of the pairs i != j with M_ij >= eta, above 0 and below 1; i = j is always a positive pair.
        alpha: as in the loss.
        mu: as in the loss.
        patch_size: as in the loss.
        seed: the seed by which pairs are drawn, if there are more than half a million.

    Returns:
        The eta in dB, halfway between the two nearest pairs, so that rounding cannot turn one of them.

    Raises:
        ValueError: for a share outside (0, 1), fewer than two mini-patches, or mini-patches that are all equal.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be above 0 and below 1, got {share}")
    batches = [hr] if isinstance(hr, Tensor) else list(hr)
    if not batches:
        raise ValueError("eta_from_share needs at least one batch")
    pairs = PAIRS // len(batches)
    distances = np.concatenate([_distances(batch, alpha, mu, patch_size, pairs, seed) for batch in batches])
    position = min(max(round(share * len(distances)), 1), len(distances) - 1)
    nearest = slice(max(position - 1, 0), position + 1)
    radius = float(np.partition(distances, range(nearest.start, nearest.stop))[nearest].mean())  # faster than to sort
    if radius == 0:  # more pairs are equal than were asked for, so they alone are the positives
        apart = distances[distances > 0]
        if len(apart) == 0:
            raise ValueError("all mini-patches are equal, so no eta tells positives from negatives")
        radius = float(apart.min()) / 2
    return -20 * math.log10(radius)


def mu_from_fraction(fraction: float, size: int) -> float:
    """Return ``mu`` in frequency bins for crops of ``size`` pixels, so that the mask looks the same at every size.

    With a fraction of a quarter DC keeps about 2 % of its weight, with a half 37 %.

    Raises:
        ValueError: if the fraction is not positive or the size below 1.
    """
    if not 0 < fraction < math.inf or size < 1:
        raise ValueError(f"fraction must be positive and size at least 1, got {fraction} and {size}")
    return fraction * size


def _distances(hr: Tensor, alpha: float, mu: float, patch_size: int, pairs: int, seed: int) -> NDArray[np.floating]:
    """Return |y_i - y_j| over all pairs i < j of mini-patches, or over ``pairs`` drawn ones if there are more."""
    patches = extract_mini_patches(enhance_high_frequency(hr, alpha, mu), patch_size).flatten(1)  # (B*, D)
    count = len(patches)
    if count < 2:
        raise ValueError(f"a share of pairs needs at least two mini-patches, got {count} from {tuple(hr.shape)}")
    if count * (count - 1) // 2 <= pairs:
        return torch.pdist(patches).cpu().numpy()
    generator = torch.Generator().manual_seed(seed)
    first = torch.randint(count, (pairs,), generator=generator)
    second = (first + 1 + torch.randint(count - 1, (pairs,), generator=generator)) % count  # never equal to ``first``
    pieces = zip(torch.split(first, PAIRS_AT_ONCE), torch.split(second, PAIRS_AT_ONCE), strict=True)
    distances = [(patches[i.to(patches.device)] - patches[j.to(patches.device)]).norm(dim=1) for i, j in pieces]
    return torch.cat(distances).cpu().numpy()
