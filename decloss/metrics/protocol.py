"""What PSNR, SSIM and LPIPS share: the shape check, the border cut, and the Y channel."""

import torch
from torch import Tensor

# BT.601 "studio swing" luma, as MATLAB's rgb2ycbcr and every super-resolution table: Y in [16, 235] / 255.
LUMA = (65.481, 128.553, 24.966)
LUMA_OFFSET = 16.0


def luma(images: Tensor) -> Tensor:
    """Y channel (B, 1, H, W) of RGB images (B, 3, H, W) in [0, 1]; values in [16/255, 235/255]."""
    weights = torch.tensor(LUMA, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
    return ((images * weights).sum(dim=1, keepdim=True) + LUMA_OFFSET) / 255


def prepare(sr: Tensor, hr: Tensor, crop_border: int, y_channel: bool, least: int) -> tuple[Tensor, Tensor]:
    """Both images in float64, cut by ``crop_border`` on every side, as Y (B, 1, H, W) or RGB (B, 3, H, W).

    Raises:
        ValueError: for shapes that differ or are not (B, 3, H, W), or sides below ``least`` after the cut.
    """
    if sr.shape != hr.shape or sr.ndim != 4 or sr.shape[1] != 3:
        raise ValueError(f"sr and hr must both be (B, 3, H, W), got {tuple(sr.shape)} and {tuple(hr.shape)}")
    if crop_border < 0 or min(sr.shape[-2:]) - 2 * crop_border < least:
        raise ValueError(
            f"after cutting {crop_border} pixels a side at least {least} x {least} must be left, got {tuple(sr.shape)}"
        )
    pair = [images.detach().double() for images in (sr, hr)]
    if y_channel:
        pair = [luma(images) for images in pair]
    height, width = sr.shape[-2:]
    inner = (..., slice(crop_border, height - crop_border), slice(crop_border, width - crop_border))
    return pair[0][inner], pair[1][inner]
