"""Image quality: PSNR, SSIM and LPIPS."""

from decloss.metrics.lpips import LPIPSUnavailable, lpips
from decloss.metrics.psnr import psnr
from decloss.metrics.ssim import ssim

__all__ = ["LPIPSUnavailable", "lpips", "psnr", "ssim"]
