"""Distances of SR mini-patches to HR mini-patches, which measure the centre-oriented optimisation problem (COO, §3).

The paper draws the problem in Fig. 1 and 2 and sums it up in one number, ICOO; these are the distances behind both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decloss.dec import enhance_high_frequency
from decloss.files.images import RGBArray
from decloss.pixels import to_tensor

Places = NDArray[np.int64]
MOST_LOST, RANDOM = "Most detail lost", "At random"
RULES = (MOST_LOST, RANDOM)


@dataclass(frozen=True)
class Neighbourhood:
    """Some ground truths of a crop, what networks make of them, and HR mini-patches from all over the crop.

    Mini-patches are vectors of D = 3 * P * P values in float64, raw or enhanced.
    """

    size: int
    """P, the side of a mini-patch in pixels."""
    places: Places
    """(n, 2), (top, left) of the HR mini-patches in the crop; they may overlap, but none is at a truth's place."""
    truths: Places
    """(k, 2), (top, left) of the ground truths in the crop."""
    hr: Tensor
    """(n, D), the HR mini-patches."""
    truth: Tensor
    """(k, D), the ground truths."""
    sr: dict[str, Tensor]
    """Checkpoint -> (k, D), what it makes of the ground truths."""

    @property
    def candidates(self) -> Tensor:
        """Whether HR mini-patch j shares no pixel with ground truth i, (k, n), bool.

        Only such ones are compared: the ground truth itself, or one moved by a pixel, would be near for every good
        network, and so hide whether the SR mini-patch lies at an HR mini-patch or between several.
        """
        apart = np.abs(self.truths[:, None] - self.places[None]).max(axis=2)  # (k, n)
        return torch.from_numpy(apart >= self.size)

    @property
    def vectors(self) -> NDArray[np.float64]:
        """The vectors to project, (n + k + k * checkpoints, D): HR, ground truths, then those of each checkpoint."""
        return torch.cat([self.hr, self.truth, *self.sr.values()]).numpy()


@dataclass(frozen=True)
class Distances:
    """The L2 distances of k mini-patches, each to its own neighbours among the candidates."""

    order: Tensor
    """(k, m), the indices of the m nearest HR mini-patches, nearest first."""
    nearest: Tensor
    """(k,), the distances to the nearest of them."""
    centre: Tensor
    """(k,), the distances to the mean of the m nearest."""
    truth: Tensor
    """(k,), the distances to the ground truths."""

    @property
    def between(self) -> int:
        """How many of the k mini-patches are nearer to the centre of their neighbours than to any single one."""
        return int((self.centre < self.nearest).sum())

    @property
    def ratio(self) -> float:
        """The mean distance to the centre divided by that to the nearest; NaN where the latter is zero."""
        nearest = float(self.nearest.mean())
        return float(self.centre.mean()) / nearest if nearest > 0 else float("nan")


def choose_truths(
    hr: RGBArray, blurred: RGBArray, patch_size: int, count: int, rule: str = MOST_LOST, seed: int = 0
) -> Places:
    """Choose ground truths on the grid of mini-patches that the loss cuts; return their places (count, 2).

    Args:
        hr: (H, W, 3).
        blurred: its bicubic result of the same shape, which is what is left of HR after shrinking.
        patch_size: P, the side of a mini-patch in pixels.
        count: how many are chosen; fewer if the grid has fewer.
        rule: ``MOST_LOST`` takes those where HR and ``blurred`` differ most (root mean square), the most first, as
            the input tells least there; ``RANDOM`` draws them.
        seed: the seed of the drawing.

    Raises:
        ValueError: for another rule.
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {RULES}, got {rule!r}")
    grid = _grid(hr.shape, patch_size, patch_size)
    if rule == RANDOM:
        return grid[np.random.default_rng(seed).permutation(len(grid))[:count]]
    lost = (_cut(to_tensor(hr)[0], grid, patch_size) - _cut(to_tensor(blurred)[0], grid, patch_size)).norm(dim=1)
    return grid[torch.argsort(lost, descending=True, stable=True)[:count].numpy()]


def choose_candidates(shape: tuple[int, ...], truths: Places, patch_size: int, count: int, seed: int = 0) -> Places:
    """Choose at most ``count`` HR mini-patches, none at a ground truth's place; return their places (n, 2) row by row.

    They lie on a grid of step P if that gives enough, else P/2, P/4 and so on; ``count`` are drawn from too many.
    """
    step = patch_size
    while True:
        grid = _grid(shape, patch_size, step)
        free = grid[~(grid[:, None] == truths[None]).all(axis=2).any(axis=1)]
        if len(free) >= count or step == 1:
            break
        step //= 2
    drawn = np.random.default_rng(seed).permutation(len(free))[:count]
    return free[np.sort(drawn)]


def cut_neighbourhood(
    hr: RGBArray,
    results: Mapping[str, RGBArray],
    truths: Places,
    places: Places,
    patch_size: int,
    mu: float | None = None,
) -> Neighbourhood:
    """Cut the mini-patches of HR and of every result.

    Args:
        hr: (H, W, 3).
        results: checkpoint -> (H, W, 3), what it makes of the crop.
        truths: the places that ``choose_truths`` returned.
        places: the places that ``choose_candidates`` returned.
        patch_size: P, the side of a mini-patch in pixels.
        mu: the width in frequency bins to enhance the crops with first, as the loss does; None leaves them raw.
    """
    whole = _image(hr, mu)
    sr = {name: _cut(_image(pixels, mu), truths, patch_size) for name, pixels in results.items()}
    at_places, at_truths = _cut(whole, places, patch_size), _cut(whole, truths, patch_size)
    return Neighbourhood(patch_size, places, truths, at_places, at_truths, sr)


def true_distances(among: Neighbourhood, vectors: Tensor, neighbours: int) -> Distances:
    """Return how far ``vectors`` (k, D), one for each ground truth, are from HR, in the space of the vectors itself.

    Raises:
        ValueError: if a ground truth has fewer than ``neighbours`` candidates, or ``neighbours`` is below 1.
    """
    allowed = among.candidates
    fewest = int(allowed.sum(dim=1).min())
    if not 1 <= neighbours <= fewest:
        raise ValueError(f"neighbours must be from 1 to {fewest}, got {neighbours}")
    far = torch.cdist(vectors, among.hr, compute_mode="donot_use_mm_for_euclid_dist")  # (k, n)
    order = far.masked_fill(~allowed, float("inf")).topk(neighbours, largest=False).indices  # (k, m)
    centre = among.hr[order].mean(dim=1)  # (k, D)
    nearest = far.gather(1, order[:, :1])[:, 0]
    return Distances(order, nearest, (vectors - centre).norm(dim=1), (vectors - among.truth).norm(dim=1))


def cut_pixels(pixels: RGBArray, places: Places, patch_size: int) -> RGBArray:
    """Return the mini-patches at ``places`` as they look, (n, P, P, 3)."""
    return np.stack([pixels[top : top + patch_size, left : left + patch_size] for top, left in places])


def _grid(shape: tuple[int, ...], size: int, step: int) -> Places:
    """Return every (top, left) at multiples of ``step`` where a mini-patch fits, row by row, (n, 2)."""
    top, left = (np.arange(0, length - size + 1, step) for length in shape[:2])
    return np.stack(np.meshgrid(top, left, indexing="ij"), axis=-1).reshape(-1, 2)


def _image(pixels: RGBArray, mu: float | None) -> Tensor:
    """Return the picture, enhanced if ``mu`` is given, as (3, H, W) in float64."""
    image = to_tensor(pixels).double()
    return (image if mu is None else enhance_high_frequency(image, mu=mu))[0]


def _cut(image: Tensor, places: Places, size: int) -> Tensor:
    """Cut the mini-patches at ``places`` from (3, H, W); return them as vectors (n, 3 * P * P)."""
    return torch.stack([image[:, top : top + size, left : left + size].flatten() for top, left in places.tolist()])
