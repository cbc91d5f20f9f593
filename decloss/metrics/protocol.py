"""What PSNR, SSIM and LPIPS share: the check of shapes, the cut of the border, and the Y channel."""

import torch
from torch import Tensor

# "Studio swing" luma of BT.601, with Y in [16, 235] / 255, as MATLAB's rgb2ycbcr and every super-resolution table have.
LUMA = (65.481, 128.553, 24.966)
LUMA_OFFSET = 16.0


def luma(images: Tensor) -> Tensor:
    """Return the Y channel, (B, 1, H, W) in [16/255, 235/255], of RGB images, (B, 3, H, W) in [0, 1]."""
    weights = torch.tensor(LUMA, dtype=images.dtype, device=images.device).view(1, 3, 1, 1)
    return ((images * weights).sum(dim=1, keepdim=True) + LUMA_OFFSET) / 255


def prepare(sr: Tensor, hr: Tensor, crop_border: int, y_channel: bool, least: int) -> tuple[Tensor, Tensor]:
    """Return both images in float64, cut by ``crop_border`` on every side, as Y (B, 1, H, W) or RGB (B, 3, H, W).

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
