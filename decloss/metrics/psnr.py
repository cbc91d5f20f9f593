"""Peak signal-to-noise ratio."""

import torch
from torch import Tensor

from decloss.metrics.protocol import prepare


def psnr(sr: Tensor, hr: Tensor, *, crop_border: int = 4, y_channel: bool = True) -> Tensor:
    """-10 log10 of the mean squared error, per image; higher is better, equal images give infinity.

    Args:
        sr: (B, 3, H, W) in [0, 1]. Benchmarks round it to 8 bits first (``decloss.pixels.quantize``).
        hr: the same shape.
        crop_border: pixels cut from each side, by convention the scale.
        y_channel: measure BT.601 luma (16 to 235) as the benchmarks do, or RGB.

    Returns:
        (B,) float64, dB.

    Raises:
        ValueError: for shapes that differ or are too small for the border.
    """
    sr, hr = prepare(sr, hr, crop_border, y_channel, least=1)
    return -10 * torch.log10((sr - hr).square().mean(dim=(1, 2, 3)))
