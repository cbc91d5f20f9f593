"""EDSR (Lim et al., 2017): residual blocks without batch normalisation, then two sub-pixel upscalings."""

import math

import torch
from torch import Tensor, nn

# The mean colour of DIV2K, for images in [0, 1], which EDSR subtracts.
RGB_MEAN = (0.4488, 0.4371, 0.4040)


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    """Return a 3x3 convolution that keeps height and width."""
    return nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)


class ResidualBlock(nn.Module):
    """A block that computes x + residual_scale * conv(relu(conv(x))), (B, F, H, W) to the same shape."""

    def __init__(self, features: int, residual_scale: float) -> None:
        super().__init__()
        self.conv1 = conv3x3(features, features)
        self.conv2 = conv3x3(features, features)
        self.residual_scale = residual_scale

    def forward(self, x: Tensor) -> Tensor:
        return x + self.residual_scale * self.conv2(torch.relu(self.conv1(x)))


class EDSR(nn.Module):
    """The x4 network of configurations 1 to 7 in the paper's Table 1.

    The defaults make the baseline size (1.5 M parameters). Its authors' full size is
    ``EDSR(features=256, blocks=32, residual_scale=0.1)``.

    Args:
        features: the channels of every hidden layer, at least 1.
        blocks: the number of residual blocks, at least 1.
        residual_scale: the factor on each block's residual; 0.1 keeps wide networks stable.

    Raises:
        ValueError: for a size below 1 or a scale that is not positive.
    """

    scale = 4
    mean: Tensor

    def __init__(self, features: int = 64, blocks: int = 16, residual_scale: float = 1.0) -> None:
        super().__init__()
        if features < 1 or blocks < 1:
            raise ValueError(f"features and blocks must be at least 1, got {features} and {blocks}")
        if not (residual_scale > 0 and math.isfinite(residual_scale)):
            raise ValueError(f"residual_scale must be positive and finite, got {residual_scale}")
        self.architecture = {"features": features, "blocks": blocks, "residual_scale": residual_scale}
        self.receptive_radius = 2 * blocks + 4  # in LR pixels: head, body and its end, and the tail's 1 + 1/2 + 1/4
        self.register_buffer("mean", torch.tensor(RGB_MEAN).view(3, 1, 1), persistent=False)
        self.head = conv3x3(3, features)
        # From a list: building a tuple slowly fails while another thread looks at all objects, as ``spaces`` does.
        self.body = nn.Sequential(*[ResidualBlock(features, residual_scale) for _ in range(blocks)])
        self.body_end = conv3x3(features, features)
        self.upscale = nn.Sequential(
            conv3x3(features, 4 * features),
            nn.PixelShuffle(2),
            conv3x3(features, 4 * features),
            nn.PixelShuffle(2),
        )
        self.tail = conv3x3(features, 3)

    def forward(self, lr: Tensor) -> Tensor:
        """Upscale LR (B, 3, H, W) in [0, 1] to SR (B, 3, 4H, 4W), nominally in [0, 1] and not clamped."""
        shallow = self.head(lr - self.mean)  # (B, F, H, W)
        deep = shallow + self.body_end(self.body(shallow))  # (B, F, H, W)
        return self.tail(self.upscale(deep)) + self.mean  # (B, 3, 4H, 4W)
