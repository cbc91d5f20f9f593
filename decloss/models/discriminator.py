"""The VGG-style discriminator of SRGAN and ESRGAN."""

from torch import Tensor, nn

HALVINGS = 5
SLOPE = 0.2


class Discriminator(nn.Module):
    """Ten convolutions that halve the image five times, and two linear layers, which give one logit for each image.

    Args:
        size: the side of the square images, a multiple of 32 (the paper's crops: 192).
        features: the channels of the first convolution; they double until there are eight times as many.
    """

    def __init__(self, size: int = 192, features: int = 64) -> None:
        super().__init__()
        if size < 2**HALVINGS or size % 2**HALVINGS:
            raise ValueError(f"the discriminator takes sides that are multiples of {2**HALVINGS}, got {size}")
        if features < 1:
            raise ValueError(f"features must be at least 1, got {features}")
        self.size = size
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.LeakyReLU(SLOPE)]
        inputs = features
        for level in range(HALVINGS):
            outputs = features * 2 ** min(level, 3)
            if level:
                layers += _convolution(inputs, outputs, 3, 1)
            layers += _convolution(outputs, outputs, 4, 2)
            inputs = outputs
        self.features = nn.Sequential(*layers)
        side = size // 2**HALVINGS
        self.judge = nn.Sequential(
            nn.Flatten(), nn.Linear(inputs * side * side, 100), nn.LeakyReLU(SLOPE), nn.Linear(100, 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Turn images (B, 3, size, size) in [0, 1] into logits (B, 1); above zero a logit means "a photo"."""
        if images.shape[-2:] != (self.size, self.size):
            raise ValueError(f"the discriminator was built for {self.size} x {self.size}, got {tuple(images.shape)}")
        if self.training and len(images) == 1 and self.size == 2**HALVINGS:
            raise ValueError("the discriminator cannot learn from one image of 32 x 32: use a larger batch or crop")
        return self.judge(self.features(images))


def _convolution(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    # The convolution has no bias, since batch normalisation brings its own.
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(SLOPE)]
