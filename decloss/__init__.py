"""DECLoss: what hinders the perceptual quality of PSNR-oriented super-resolution, to train with and to look at.

model = decloss.load_checkpoint("edsr-l1")
sr = decloss.upscale(model, lr)             # (B, 3, H, W) in [0, 1] -> (B, 3, 4H, 4W)
loss = decloss.DECLoss()(sr, hr)            # the paper's contrastive loss, Eq. (23)
decloss.psnr(sr, hr), decloss.ssim(sr, hr), decloss.lpips(sr, hr)

Each name is imported when it is first asked for: ``import decloss`` alone does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from decloss.inference.upscaling import upscale
    from decloss.metrics import icoo, lpips, psnr, ssim
    from decloss.models import EDSR, RRDBNet, bicubic_downscale, bicubic_upscale, make_lr
    from decloss.zoo.registry import available_checkpoints, load_checkpoint

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
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A public name, imported from its module."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULE_OF[name]), name)
    return found


def __dir__() -> list[str]:
    """The public names, whether they were imported yet or not."""
    return sorted({*globals(), *__all__})
