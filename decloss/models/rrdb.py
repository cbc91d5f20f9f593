"""RRDBNet (Wang et al., ESRGAN, 2018): residual-in-residual dense blocks, then two nearest-neighbour upscalings."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decloss.models.edsr import conv3x3

RESIDUAL_SCALE = 0.2
SLOPE = 0.2


class DenseBlock(nn.Module):
    """Five convolutions, each of which gets the outputs of all before it; (B, F, H, W) to the same shape."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(conv3x3(features + i * growth, growth) for i in range(4))
        self.fuse = conv3x3(features + 4 * growth, features)

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        for conv in self.convs:
            seen = torch.cat([seen, F.leaky_relu(conv(seen), SLOPE)], dim=1)
        return x + RESIDUAL_SCALE * self.fuse(seen)


class RRDB(nn.Module):
    """Three dense blocks inside one more residual; (B, F, H, W) to the same shape."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*[DenseBlock(features, growth) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        return x + RESIDUAL_SCALE * self.dense(x)


class RRDBNet(nn.Module):
    """The x4 network of configurations 8 to 10 in the paper's Table 1.

    Args:
        features: the channels of the trunk, at least 1.
        blocks: the number of RRDBs, at least 1; ESRGAN has 23, the networks shipped here have 6.
        growth: the channels that each dense convolution adds, at least 1.

    Raises:
        ValueError: for a size below 1.
    """

    scale = 4

    def __init__(self, features: int = 64, blocks: int = 23, growth: int = 32) -> None:
        super().__init__()
        if min(features, blocks, growth) < 1:
            raise ValueError(f"features, blocks and growth must be at least 1, got {features}, {blocks} and {growth}")
        self.architecture = {"features": features, "blocks": blocks, "growth": growth}
        self.receptive_radius = 15 * blocks + 4  # 15 convolutions a block, two around them, the tail's 2 at most
        self.head = conv3x3(3, features)
        # From a list: building a tuple slowly fails while another thread looks at all objects, as ``spaces`` does.
        self.body = nn.Sequential(*[RRDB(features, growth) for _ in range(blocks)])
        self.body_end = conv3x3(features, features)
        self.up1 = conv3x3(features, features)
        self.up2 = conv3x3(features, features)
        self.hr_conv = conv3x3(features, features)
        self.tail = conv3x3(features, 3)
        # Inside the dense blocks ESRGAN starts smaller (kaiming times 0.1), since deep trunks diverge otherwise.
        for module in self.body.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                module.weight.data.mul_(0.1)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]  # conv3x3 always has a bias

    def forward(self, lr: Tensor) -> Tensor:
        """Upscale LR (B, 3, H, W) in [0, 1] to SR (B, 3, 4H, 4W), nominally in [0, 1] and not clamped."""
        shallow = self.head(lr)  # (B, F, H, W)
        deep = shallow + self.body_end(self.body(shallow))  # (B, F, H, W)
        deep = F.leaky_relu(self.up1(F.interpolate(deep, scale_factor=2, mode="nearest")), SLOPE)  # (B, F, 2H, 2W)
        deep = F.leaky_relu(self.up2(F.interpolate(deep, scale_factor=2, mode="nearest")), SLOPE)  # (B, F, 4H, 4W)
        return self.tail(F.leaky_relu(self.hr_conv(deep), SLOPE))  # (B, 3, 4H, 4W)
