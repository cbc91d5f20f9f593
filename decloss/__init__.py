"""DECLoss: what hinders the perceptual quality of PSNR-oriented super-resolution, to train with and to look at.

model = decloss.load_checkpoint("edsr-l1")
sr = decloss.upscale(model, lr)             # (B, 3, H, W) in [0, 1] -> (B, 3, 4H, 4W)
decloss.psnr(sr, hr), decloss.ssim(sr, hr), decloss.lpips(sr, hr)
"""

from decloss.dec import enhance_high_frequency, extract_mini_patches, inverse_gaussian_mask, psnr_similarity
from decloss.inference import upscale
from decloss.metrics import lpips, psnr, ssim
from decloss.models import EDSR, RRDBNet, bicubic_downscale, bicubic_upscale, make_lr
from decloss.zoo import available_checkpoints, load_checkpoint

__version__ = "0.1.0"

__all__ = [
    "EDSR",
    "RRDBNet",
    "available_checkpoints",
    "bicubic_downscale",
    "bicubic_upscale",
    "enhance_high_frequency",
    "extract_mini_patches",
    "inverse_gaussian_mask",
    "load_checkpoint",
    "lpips",
    "make_lr",
    "psnr",
    "psnr_similarity",
    "ssim",
    "upscale",
]
