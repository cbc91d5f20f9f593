"""DECLoss: what hinders the perceptual quality of PSNR-oriented super-resolution, to train with and to look at.

model = decloss.load_checkpoint("edsr-l1")
sr = decloss.upscale(model, lr)             # (B, 3, H, W) in [0, 1] -> (B, 3, 4H, 4W)
loss = decloss.DECLoss()(sr, hr)            # the paper's contrastive loss
decloss.psnr(sr, hr), decloss.ssim(sr, hr), decloss.lpips(sr, hr)

Each name is imported when it is first asked for: ``import decloss`` alone does not load torch.
"""

from typing import TYPE_CHECKING

from decloss.lazy import lazy_names

if TYPE_CHECKING:  # what type checkers and editors see; "as" tells them that a name is public
    from decloss.dec import DECLoss as DECLoss
    from decloss.dec import Intermediates as Intermediates
    from decloss.dec import enhance_high_frequency as enhance_high_frequency
    from decloss.dec import eta_from_share as eta_from_share
    from decloss.dec import extract_mini_patches as extract_mini_patches
    from decloss.dec import inverse_gaussian_mask as inverse_gaussian_mask
    from decloss.dec import mu_from_fraction as mu_from_fraction
    from decloss.dec import psnr_similarity as psnr_similarity
    from decloss.inference.upscaling import upscale as upscale
    from decloss.metrics import icoo as icoo
    from decloss.metrics import lpips as lpips
    from decloss.metrics import psnr as psnr
    from decloss.metrics import ssim as ssim
    from decloss.models import EDSR as EDSR
    from decloss.models import RRDBNet as RRDBNet
    from decloss.models import bicubic_downscale as bicubic_downscale
    from decloss.models import bicubic_upscale as bicubic_upscale
    from decloss.models import make_lr as make_lr
    from decloss.zoo.registry import available_checkpoints as available_checkpoints
    from decloss.zoo.registry import load_checkpoint as load_checkpoint

__version__ = "0.1.0"

_HOMES = {
    "decloss.dec": (
        "DECLoss",
        "Intermediates",
        "enhance_high_frequency",
        "eta_from_share",
        "extract_mini_patches",
        "inverse_gaussian_mask",
        "mu_from_fraction",
        "psnr_similarity",
    ),
    "decloss.inference.upscaling": ("upscale",),
    "decloss.metrics": ("icoo", "lpips", "psnr", "ssim"),
    "decloss.models": ("EDSR", "RRDBNet", "bicubic_downscale", "bicubic_upscale", "make_lr"),
    "decloss.zoo.registry": ("available_checkpoints", "load_checkpoint"),
}
"""Module -> the public names that are read from it."""
__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
