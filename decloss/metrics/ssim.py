"""SSIM, the structural similarity (Wang et al., 2004)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from decloss.metrics.protocol import prepare

WINDOW = 11
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2


def ssim(sr: Tensor, hr: Tensor, *, crop_border: int = 4, y_channel: bool = True) -> Tensor:
    """Return the mean SSIM of each image where the authors' window (11 x 11, sigma 1.5) fits inside; higher is better.

    Args:
        sr: (B, 3, H, W) in [0, 1].
        hr: the same shape.
        crop_border: the pixels cut from each side, by convention as many as the scale.
        y_channel: whether the luma of BT.601 (16 to 235) is measured, as benchmarks do, or else the mean over RGB.

    Returns:
        (B,) float64, at most 1.

    Raises:
        ValueError: for shapes that differ, or fewer than 11 pixels a side after the cut.
    """
    sr, hr = prepare(sr, hr, crop_border, y_channel, least=WINDOW)
    mean_sr, mean_hr = _window(sr), _window(hr)
    var_sr = _window(sr * sr) - mean_sr**2
    var_hr = _window(hr * hr) - mean_hr**2
    covariance = _window(sr * hr) - mean_sr * mean_hr
    luminance = (2 * mean_sr * mean_hr + C1) / (mean_sr**2 + mean_hr**2 + C1)
    structure = (2 * covariance + C2) / (var_sr + var_hr + C2)
    return (luminance * structure).mean(dim=(1, 2, 3))


def _window(images: Tensor) -> Tensor:
    """Average under a Gaussian window, (B, C, H, W) to (B, C, H - 10, W - 10)."""
    channels = images.shape[1]
    offsets = torch.arange(WINDOW, dtype=images.dtype, device=images.device) - WINDOW // 2
    kernel = torch.exp(-(offsets**2) / (2 * SIGMA**2))
    kernel = (kernel / kernel.sum()).expand(channels, 1, WINDOW)  # (C, 1, 11)
    rows = F.conv2d(images, kernel[..., None], groups=channels)
    return F.conv2d(rows, kernel[..., None, :], groups=channels)
