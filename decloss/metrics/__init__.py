"""Measures of image quality: PSNR, SSIM, LPIPS, ICOO and the colour error."""

from decloss.metrics.colour import colour_error
from decloss.metrics.icoo import icoo
from decloss.metrics.lpips import LPIPSUnavailableError, lpips, lpips_is_available, lpips_map
from decloss.metrics.psnr import psnr
from decloss.metrics.ssim import ssim

__all__ = ["LPIPSUnavailableError", "colour_error", "icoo", "lpips", "lpips_is_available", "lpips_map", "psnr", "ssim"]
