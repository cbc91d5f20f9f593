"""Image quality: PSNR, SSIM and LPIPS."""

from decloss.metrics.lpips import LPIPSUnavailableError, lpips
from decloss.metrics.psnr import psnr
from decloss.metrics.ssim import ssim

__all__ = ["LPIPSUnavailableError", "lpips", "psnr", "ssim"]
