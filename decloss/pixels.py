"""Between 8-bit pixels and tensors: the one place that scales and rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:  # only torch and numpy are needed to run
    from decloss.files.images import RGBArray

SCALE = 4
"""How many times SR is larger than LR, in height and in width."""


def to_tensor(pixels: RGBArray) -> Tensor:
    """Return (H, W, 3) 8-bit RGB as (1, 3, H, W) float32 in [0, 1]."""
    own = np.array(pixels)  # pixels that several visitors share are read-only, which torch does not support
    return torch.from_numpy(own).permute(2, 0, 1)[None].float() / 255


def to_pixels(images: Tensor) -> RGBArray:
    """Return (1, 3, H, W), in [0, 1] or uint8, as (H, W, 3) 8-bit RGB, rounded."""
    levels = images if images.dtype == torch.uint8 else to_levels(images)
    return levels[0].permute(1, 2, 0).contiguous().cpu().numpy()


def quantize(images: Tensor) -> Tensor:
    """Return images clamped to [0, 1] and rounded to 8 bits, half up as MATLAB does; any shape.

    Half precision, which has too few digits for 255.5, becomes float32.
    """
    return torch.floor(_exact(images).clamp(0, 1) * 255 + (0.5 + 1e-6)) / 255


def to_levels(images: Tensor) -> Tensor:
    """Return images in [0, 1] as uint8 from 0 to 255, rounded as ``quantize`` does; any shape."""
    return (_exact(images).clamp(0, 1) * 255).add_(0.5 + 1e-6).byte()  # byte() cuts the fraction off


def _exact(images: Tensor) -> Tensor:
    return images.float() if images.dtype in (torch.float16, torch.bfloat16) else images
