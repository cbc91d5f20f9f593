"""The unsharp mask, which improves any network's result without training, and which a loss must therefore beat."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decloss.pixels import quantize

SIGMA = 0.8
"""The sigma of the blur in pixels; the blur of networks trained with L1 looks about like it at x4."""
AMOUNT = 1.0
"""The amount where none is chosen."""


def unsharp_mask(images: Tensor, amount: float, sigma: float = SIGMA) -> Tensor:
    """Sharpen images: add ``amount`` times what a Gaussian blur takes from them.

    Args:
        images: (B, C, H, W) in [0, 1]; borders are mirrored, so sides must be longer than four sigma.
        amount: the factor on what the blur takes away; 0 changes nothing.
        sigma: the standard deviation of the blur, in pixels.

    Returns:
        The same shape, clamped to [0, 1].

    Raises:
        ValueError: for another shape, a negative amount, a sigma that is not positive, or images too small for it.
    """
    radius = round(4 * sigma)
    if not (amount >= 0 and sigma > 0):
        raise ValueError(f"amount must not be negative and sigma must be positive, got {amount} and {sigma}")
    if images.ndim != 4 or min(images.shape[-2:]) <= radius:
        raise ValueError(f"images must be (B, C, H, W) with sides above {radius}, got {tuple(images.shape)}")
    offsets = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-offsets.square() / (2 * sigma**2))
    channels = images.shape[1]
    kernel = (kernel / kernel.sum()).expand(channels, 1, -1)  # (C, 1, 2 * radius + 1)
    blurred = F.pad(images, (radius,) * 4, mode="reflect")
    blurred = F.conv2d(F.conv2d(blurred, kernel[:, :, :, None], groups=channels), kernel[:, :, None], groups=channels)
    return (images + amount * (images - blurred)).clamp(0, 1)


class Sharpened(nn.Module):
    """A network whose 8-bit pictures are sharpened by ``unsharp_mask``: the sharpened twin of that network.

    Args:
        network: a network of ``decloss.models``.
        amount: as for ``unsharp_mask``.

    Raises:
        ValueError: for a negative amount.
    """

    scale = 4

    def __init__(self, network: nn.Module, amount: float = AMOUNT) -> None:
        super().__init__()
        if not 0 <= amount < float("inf"):
            raise ValueError(f"amount must be finite and not negative, got {amount}")
        self.network = network
        self.amount = amount
        self.receptive_radius = getattr(network, "receptive_radius", 0) + 1  # the blur reaches 3 pixels of SR

    def forward(self, lr: Tensor) -> Tensor:
        """Upscale LR (B, 3, H, W) in [0, 1] to (B, 3, 4H, 4W) in [0, 1], sharpened."""
        return self.sharpen(quantize(self.network(lr).float()))

    def sharpen(self, sr: Tensor) -> Tensor:
        """Sharpen pictures of the network, (B, 3, H, W) in [0, 1]."""
        return unsharp_mask(sr, self.amount)
