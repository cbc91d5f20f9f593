"""RRDBNet (Wang et al., ESRGAN, 2018): residual-in-residual dense blocks, then two nearest-neighbour upscalings."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decloss.models.edsr import conv3x3

RESIDUAL_SCALE = 0.2
SLOPE = 0.2


def convolve_enlarged(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """Return ``conv`` of ``x`` enlarged twice by nearest neighbour; (B, F, H, W) to (B, F, 2H, 2W).

    Enlarging sends each pixel to 2x2 places, from where a 3x3 kernel sends it on. Both together are one transposed
    convolution, whose 4x4 kernel holds sums of the 3x3 one: 16 products a pixel instead of 36, and nothing enlarged.
    """
    sums = 4 * F.avg_pool2d(conv.weight, 2, stride=1, padding=1)  # (F, F, 4, 4)
    kernel = sums.flip(2, 3).transpose(0, 1)  # as a transposed convolution takes it: its inputs first, and mirrored
    return F.conv_transpose2d(x, kernel, conv.bias, stride=2, padding=1)


class DenseBlock(nn.Module):
    """Five convolutions, each of which gets the outputs of all before it; (B, F, H, W) to the same shape."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(conv3x3(features + i * growth, growth) for i in range(4))
        self.fuse = conv3x3(features + 4 * growth, features)

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        for conv in self.convs:
            seen = torch.cat([seen, F.leaky_relu(conv(seen), SLOPE, inplace=True)], dim=1)
        return torch.add(x, self.fuse(seen), alpha=RESIDUAL_SCALE)


class RRDB(nn.Module):
    """Three dense blocks inside one more residual; (B, F, H, W) to the same shape."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*[DenseBlock(features, growth) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.dense(x), alpha=RESIDUAL_SCALE)


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
        # In place, since at this size a new tensor costs about as much as its contents.
        deep = F.leaky_relu(convolve_enlarged(deep, self.up1), SLOPE, inplace=True)  # (B, F, 2H, 2W)
        deep = F.leaky_relu(convolve_enlarged(deep, self.up2), SLOPE, inplace=True)  # (B, F, 4H, 4W)
        return self.tail(F.leaky_relu(self.hr_conv(deep), SLOPE, inplace=True))  # (B, 3, 4H, 4W)
