"""DECLoss: what hinders the perceptual quality of PSNR-oriented super-resolution, to train with and to look at.

model = decloss.load_checkpoint("edsr-l1")
sr = decloss.upscale(model, lr)             # (B, 3, H, W) in [0, 1] -> (B, 3, 4H, 4W)
loss = decloss.DECLoss()(sr, hr)            # the paper's contrastive loss, Eq. (23)
decloss.psnr(sr, hr), decloss.ssim(sr, hr), decloss.lpips(sr, hr)
"""

from decloss.dec import (
    DECLoss,
    Intermediates,
    enhance_high_frequency,
    eta_from_share,
    extract_mini_patches,
    inverse_gaussian_mask,
    mu_from_fraction,
    psnr_similarity,
)
from decloss.inference import upscale
from decloss.metrics import icoo, lpips, psnr, ssim
from decloss.models import EDSR, RRDBNet, bicubic_downscale, bicubic_upscale, make_lr
from decloss.zoo import available_checkpoints, load_checkpoint

__version__ = "0.1.0"

__all__ = [
    "EDSR",
    "DECLoss",
    "Intermediates",
    "RRDBNet",
    "available_checkpoints",
    "bicubic_downscale",
    "bicubic_upscale",
    "enhance_high_frequency",
    "eta_from_share",
    "extract_mini_patches",
    "icoo",
    "inverse_gaussian_mask",
    "load_checkpoint",
    "lpips",
    "make_lr",
    "mu_from_fraction",
    "psnr",
    "psnr_similarity",
    "ssim",
    "upscale",
]
