"""PSNR, the peak signal-to-noise ratio."""

import torch
from torch import Tensor

from decloss.metrics.protocol import prepare


def psnr(sr: Tensor, hr: Tensor, *, crop_border: int = 4, y_channel: bool = True) -> Tensor:
    """Return -10 log10 of each image's mean squared error; higher is better, equal images give infinity.

    Args:
        sr: (B, 3, H, W) in [0, 1]. Benchmarks round it to 8 bits first (``decloss.pixels.quantize``).
        hr: the same shape.
        crop_border: the pixels cut from each side, by convention as many as the scale.
        y_channel: whether the luma of BT.601 (16 to 235) is measured, as benchmarks do, or else RGB.

    Returns:
        (B,) float64, dB.

    Raises:
        ValueError: for shapes that differ or are too small for the border.
    """
    sr, hr = prepare(sr, hr, crop_border, y_channel, least=1)
    return -10 * torch.log10((sr - hr).square().mean(dim=(1, 2, 3)))
