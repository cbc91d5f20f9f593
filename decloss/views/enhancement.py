"""HR and a network's picture after enhancement, and how much brightness alone still counts in their mini-patches."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decloss.dec import enhance_high_frequency, extract_mini_patches
from decloss.files.images import RGBArray
from decloss.pixels import to_tensor

PATCH_SIZE = 8
"""The side in pixels of the mini-patches whose norms are computed, which is the paper's choice."""
MID_GREY = 0.5


@dataclass(frozen=True)
class Enhanced:
    """The enhanced pictures Y* of Eq. (16) for the two pictures that the loss compares."""

    hr: NDArray[np.float32]
    """The enhanced HR, (side, side, 3), around zero, not clamped."""
    sr: NDArray[np.float32]
    """The same for the network's picture."""
    grey_norm: float
    """The L2 norm of a mini-patch of even mid grey after enhancement: what the mask leaves of brightness alone."""
    median_norm: float
    """The median L2 norm of HR's mini-patches after enhancement."""


@torch.no_grad()
def enhance_pair(hr: RGBArray, sr: RGBArray, alpha: float, mu: float) -> Enhanced:
    """Enhance both pictures, (side, side, 3) in 8-bit RGB, with one mask; ``mu`` is in frequency bins."""
    first = to_tensor(hr)  # (1, 3, side, side)
    images = torch.cat([first, to_tensor(sr), torch.full_like(first, MID_GREY)])
    enhanced = enhance_high_frequency(images, alpha, mu)  # (3, 3, side, side)
    return Enhanced(
        hr=_to_array(enhanced[0]),
        sr=_to_array(enhanced[1]),
        grey_norm=_median_norm(enhanced[2:]),
        median_norm=_median_norm(enhanced[:1]),
    )


def _to_array(image: Tensor) -> NDArray[np.float32]:
    """Turn a tensor (3, H, W) into an array (H, W, 3)."""
    return image.permute(1, 2, 0).contiguous().numpy()


def _median_norm(images: Tensor) -> float:
    return float(extract_mini_patches(images, PATCH_SIZE).flatten(1).norm(dim=1).median())
