"""ImageNet trunks cut at one layer, whose features the perceptual loss of Eq. (25) compares."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from decloss.models.backbones import BackboneUnavailableError, load_trunk

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# The widths of the 3 x 3 convolutions, as in Simonyan and Zisserman, 2015; "M" halves the image.
VGG16 = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512)
VGG19 = (64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512)


class Fire(nn.Module):
    """SqueezeNet's block, which turns (B, inputs, H, W) into (B, 2 * expand, H, W)."""

    def __init__(self, inputs: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        squeezed = self.squeeze(features).relu()
        return torch.cat([self.expand1x1(squeezed).relu(), self.expand3x3(squeezed).relu()], dim=1)


class Trunk(nn.Module):
    """A frozen network with ImageNet's normalisation and the layers up to the chosen one.

    It turns images (B, 3, H, W) in [0, 1] into features (B, F, H/s, W/s).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).reshape(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        return self.features((images - self.mean) / self.std)


def _vgg(plan: tuple[int | str, ...], layers: int) -> list[nn.Module]:
    """Build the first ``layers`` of torchvision's ``features``."""
    built: list[nn.Module] = []
    inputs = 3
    for width in plan:
        if isinstance(width, str):
            built.append(nn.MaxPool2d(2))
        else:
            # Not in place, since autograd needs the values before activation, and so does whoever asked for that layer.
            built += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
    return built[:layers]


def _squeezenet() -> list[nn.Module]:
    first = [nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), nn.MaxPool2d(3, stride=2, ceil_mode=True)]
    return [*first, Fire(64, 16, 64), Fire(128, 16, 64)]


TRUNKS: dict[str, Callable[[], list[nn.Module]]] = {
    "vgg19": lambda: _vgg(VGG19, 35),  # to conv5_4 before activation, as in ESRGAN
    "vgg16": lambda: _vgg(VGG16, 9),  # to relu2_2, as in Johnson et al. for super-resolution
    "squeezenet1_1": _squeezenet,  # to the second Fire module
}
"""Torchvision's name of a model -> a function that builds those of its layers that are used."""


def build_trunk(name: str) -> Trunk:
    """Build the pretrained trunk ``name`` in eval mode, without gradients for its weights.

    Raises:
        ValueError: for an unknown name.
        BackboneUnavailableError: if its weights are not available, or do not fit.
    """
    if name not in TRUNKS:
        raise ValueError(f"trunk must be one of {tuple(TRUNKS)}, got {name!r}")
    trunk = Trunk(TRUNKS[name]())
    weights, own = load_trunk(name), trunk.state_dict()
    for key, value in own.items():
        if key not in weights or weights[key].shape != value.shape:
            raise BackboneUnavailableError(f"the weights of {name} lack {key} of the shape {tuple(value.shape)}")
    trunk.load_state_dict({key: weights[key] for key in own})  # those of later layers may be left over
    return trunk.eval()
