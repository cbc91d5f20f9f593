"""Bicubic scaling as MATLAB's ``imresize`` does it, which is the convention of every super-resolution benchmark.

``F.interpolate(antialias=True)`` has MATLAB's kernel (a = -0.5, widened when shrinking) but renormalises it at the
border. MATLAB mirrors the image there instead, so we mirror first and cut the margin off afterwards.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decloss.pixels import quantize


def bicubic_downscale(images: Tensor, scale: int = 4, *, axes: tuple[int, ...] = (-2, -1)) -> Tensor:
    """Shrink images (B, C, H, W) in [0, 1] to (B, C, H/scale, W/scale), in floating point.

    The kernel overshoots at edges, so the result can leave [0, 1]; ``make_lr`` clamps and rounds.

    Args:
        axes: which of height (-2) and width (-1) are shrunk.

    Raises:
        ValueError: if a side to shrink is not a multiple of ``scale``.
    """
    sizes = [images.shape[axis] for axis in axes]
    if any(size % scale or not size for size in sizes):
        raise ValueError(f"height and width must be multiples of {scale}, got an image of {tuple(images.shape)}")
    # The widened kernel reaches 2 * scale pixels, which is two pixels of the result.
    return _resize(images, 1 / scale, margin=2 * scale, cut=2, axes=axes)


def bicubic_upscale(images: Tensor, scale: int = 4) -> Tensor:
    """Enlarge images (B, C, H, W) to (B, C, H*scale, W*scale), without clamping: the baseline of every table."""
    return _resize(images, float(scale), margin=2, cut=2 * scale, axes=(-2, -1))


def make_lr(hr: Tensor, scale: int = 4) -> Tensor:
    """Make the LR image (B, C, H/scale, W/scale) of an 8-bit HR image, as MATLAB makes it for the benchmarks.

    MATLAB shrinks the height first, rounds to 8 bits, then shrinks the width and rounds again. Doing both at once
    changes every tenth value by one level; done its way, the benchmarks' files are matched exactly.

    Args:
        hr: (B, C, H, W) in [0, 1].

    Raises:
        ValueError: if a side is not a multiple of ``scale``.
    """
    exact = hr.double()  # values halfway between two levels are frequent, and must be rounded as MATLAB does
    shorter = quantize(bicubic_downscale(exact, scale, axes=(-2,)))  # (B, C, H/scale, W)
    return quantize(bicubic_downscale(shorter, scale, axes=(-1,))).to(hr.dtype)


class Bicubic(nn.Module):
    """``bicubic_upscale`` as a network, to be used wherever a checkpoint is expected."""

    scale = 4

    def __init__(self) -> None:
        super().__init__()
        self.architecture: dict[str, float] = {}
        self.receptive_radius = 2

    def forward(self, lr: Tensor) -> Tensor:
        """Upscale LR (B, 3, H, W) in [0, 1] to (B, 3, 4H, 4W), without clamping."""
        return bicubic_upscale(lr, self.scale)


def _resize(images: Tensor, factor: float, margin: int, cut: int, axes: tuple[int, ...]) -> Tensor:
    """Add a mirrored ``margin`` to ``axes``, scale them by ``factor``, and cut ``cut`` off; in float32 at least."""
    if images.dtype in (torch.float16, torch.bfloat16):  # their few bits of mantissa would round the image itself
        return _resize(images.float(), factor, margin, cut, axes).to(images.dtype)
    for axis in axes:
        images = _mirror(images, margin, axis)
    factors = (factor if -2 in axes else 1.0, factor if -1 in axes else 1.0)
    images = F.interpolate(images, scale_factor=factors, mode="bicubic", antialias=True, align_corners=False)
    for axis in axes:
        images = images.narrow(axis, cut, images.shape[axis] - 2 * cut)
    return images.contiguous()


def _mirror(images: Tensor, margin: int, axis: int) -> Tensor:
    """Extend ``axis`` by ``margin`` pixels on both sides, repeating the edge (ba|abcd|dc), however small the image."""
    size = images.shape[axis]
    index = torch.arange(-margin, size + margin, device=images.device) % (2 * size)
    return images.index_select(axis, torch.minimum(index, 2 * size - 1 - index))
