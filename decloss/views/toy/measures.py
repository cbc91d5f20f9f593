"""Measures of the toy network's output: how far it is from the modes, and how the loss sees them."""

import torch
from torch import Tensor

from decloss.dec import enhance_high_frequency, extract_mini_patches
from decloss.dec.similarity import cosine_similarity, psnr_similarity
from decloss.views.toy.problem import Data
from decloss.views.toy.training import MU, ToyObjective


def rms_distance(first: Tensor, second: Tensor) -> Tensor:
    """Return the root mean square difference of images (B, 1, H, W) and (B or 1, 1, H, W); (B,)."""
    return (first - second).square().mean(dim=(1, 2, 3)).sqrt()


def cosines(image: Tensor, data: Data, objective: ToyObjective) -> list[float]:
    """Return S of Eq. (18) between an image (1, 1, SIDE, SIDE) and each mode at the same place (mean over patches)."""
    image_patches, *mode_patches = (_patches(x[None], objective) for x in (image[0], *data.modes))
    similarities = (cosine_similarity(image_patches, patches, objective.alpha) for patches in mode_patches)
    return [similarity.diagonal().mean().item() for similarity in similarities]


def m_between_modes(data: Data, objective: ToyObjective) -> tuple[float, float]:
    """Return the least and the greatest M of Eq. (20) between two modes at the same place, in dB."""
    patches = [_patches(mode[None], objective) for mode in data.modes]
    pairs = [(a, b) for i, a in enumerate(patches) for b in patches[:i]]
    m = torch.cat([psnr_similarity(torch.cat(pair))[: len(pair[0]), len(pair[0]) :].diagonal() for pair in pairs])
    return m.min().item(), m.max().item()


def _patches(image: Tensor, objective: ToyObjective) -> Tensor:
    return extract_mini_patches(enhance_high_frequency(image, objective.alpha, MU), objective.patch_size)
