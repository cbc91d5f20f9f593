"""Image quality: PSNR, SSIM, LPIPS and ICOO."""

from decloss.metrics.icoo import icoo
from decloss.metrics.lpips import LPIPSUnavailableError, lpips
from decloss.metrics.psnr import psnr
from decloss.metrics.ssim import ssim

__all__ = ["LPIPSUnavailableError", "icoo", "lpips", "psnr", "ssim"]
