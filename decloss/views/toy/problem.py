"""The toy's data: details (modes) that share one LR image, and the pictures that show them."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from decloss.figures.toy import Plane, plane_through
from decloss.metrics import icoo
from decloss.models import bicubic_downscale, bicubic_upscale

SIDE = 24
"""The side of an HR picture in pixels; LR has a quarter of it."""
PICTURES = 24
"""The number of pictures in the training set, all of which are in every batch."""
MODES = (2, 6)
TURNED, SHIFTED = "turned", "shifted"
PLAIN, MEAN = "bicubic", "mean"
PERIOD, CONTRAST = 4.0, 0.3
"""The period of the stripes in pixels, and half the difference between bright and dark in [0, 1]."""


@dataclass(frozen=True)
class Problem:
    """What is to be learnt, and from where; equal problems give the same data and the same network on every run."""

    kind: str = TURNED
    """How the stripes of the modes differ: "turned" means in direction, "shifted" in phase."""
    modes: int = 2
    first: int = PICTURES // 2
    """The number of pictures of the first mode; the others share the rest as evenly as whole pictures allow."""
    noise: float = 0.0
    """The standard deviation of the noise on each picture's LR, in levels of 255; HR has none. It is drawn once, as
    in a training set, so that a network can learn to tell pictures apart by it."""
    start: str = PLAIN
    """Where the network begins: near "bicubic", without details, or at the "mean", where MSE would lead."""
    seed: int = 0
    """The seed of the noise and of the network's first weights."""

    def __post_init__(self) -> None:
        if not MODES[0] <= self.modes <= MODES[1] or not 1 <= self.first <= PICTURES + 1 - self.modes:
            raise ValueError(f"of {PICTURES} pictures every mode needs one, got {self.modes} modes, {self.first} first")
        if self.kind not in (TURNED, SHIFTED) or self.start not in (PLAIN, MEAN):
            raise ValueError(f"unknown kind or start: {self.kind!r}, {self.start!r}")

    @property
    def counts(self) -> list[int]:
        """The number of pictures of each mode."""
        rest, others = PICTURES - self.first, self.modes - 1
        return [self.first, *(rest // others + (k < rest % others) for k in range(others))]


@dataclass(frozen=True)
class Data:
    """The training set in float64, so that gradients which cancel do so up to the digits that matter."""

    modes: Tensor
    """The modes, (K, 1, SIDE, SIDE) in [0, 1], all with the same LR."""
    lr: Tensor
    """The LR image of every mode, (1, 1, SIDE/4, SIDE/4)."""
    labels: Tensor
    """The mode of each picture, (PICTURES,)."""
    inputs: Tensor
    """The LR images, (PICTURES, 1, SIDE/4, SIDE/4), each with its own noise."""
    mean: Tensor
    """The mean over the pictures, (1, 1, SIDE, SIDE), to which MSE leads."""
    median: Tensor
    """The median of each pixel over the pictures, (1, 1, SIDE, SIDE), to which L1 leads."""
    icoo: float
    """The ICOO of the HR pictures against themselves, in dB."""
    plane: Plane
    """The plane in which the modes and bicubic lie, as nearly as in a plane they can."""

    @property
    def hr(self) -> Tensor:
        """The HR picture of each input, (PICTURES, 1, SIDE, SIDE)."""
        return self.modes[self.labels]


def make_data(problem: Problem) -> Data:
    """Make the modes and the pictures that show them."""
    hill, modes = _modes(problem)
    labels = torch.repeat_interleave(torch.arange(problem.modes), torch.tensor(problem.counts))
    lr = bicubic_downscale(hill)
    noise = torch.randn(PICTURES, *lr.shape[1:], generator=generator_of(problem.seed), dtype=torch.float64)
    hr = modes[labels]
    ordered = hr.sort(dim=0).values
    median = (ordered[(PICTURES - 1) // 2] + ordered[PICTURES // 2])[None] / 2
    mean = hr.mean(dim=0, keepdim=True)
    plane = plane_through(torch.cat([modes, bicubic_upscale(lr)]).numpy())
    return Data(modes, lr, labels, lr + problem.noise / 255 * noise, mean, median, icoo_of_all(hr, hr), plane)


def icoo_of_all(sr: Tensor, hr: Tensor) -> float:
    """Return ICOO in dB with all pictures laid out as one image (4 x 6), so that every mode is among the candidates."""
    sheets = [images.view(4, 6, SIDE, SIDE).transpose(1, 2).reshape(1, 1, 4 * SIDE, 6 * SIDE) for images in (sr, hr)]
    return icoo(*sheets).item()


def generator_of(seed: int) -> torch.Generator:
    """Return a random generator that gives the same numbers on every run."""
    return torch.Generator().manual_seed(seed)


def _modes(problem: Problem) -> tuple[Tensor, Tensor]:
    """Return what all modes share, (1, 1, SIDE, SIDE), and the modes, which add stripes that LR does not hold."""
    y, x = torch.meshgrid(*(torch.arange(SIDE, dtype=torch.float64),) * 2, indexing="ij")
    hill = 0.5 + 0.15 * torch.cos(math.pi * (x - 8) / SIDE) * torch.cos(math.pi * (y - 6) / SIDE)
    stripes = []
    for k in range(problem.modes):
        angle = math.radians(22.5 + 180 * k / problem.modes if problem.kind == TURNED else 30.0)
        phase = 0.0 if problem.kind == TURNED else 2 * math.pi * k / problem.modes
        stripes.append(torch.cos(2 * math.pi / PERIOD * (x * math.cos(angle) + y * math.sin(angle)) + phase))
    hidden = _unseen(torch.stack(stripes)[:, None])
    scale = CONTRAST / math.sqrt(2) / hidden.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return hill[None, None], hill + scale * hidden


def _unseen(details: Tensor) -> Tensor:
    """Return the part of ``details``, (K, 1, SIDE, SIDE), in the null space of downscaling, which removes all of it."""
    every_pixel = torch.eye(SIDE**2, dtype=details.dtype).view(-1, 1, SIDE, SIDE)
    downscaling = bicubic_downscale(every_pixel).flatten(1)  # (SIDE * SIDE, LR pixels)
    vectors = details.flatten(1)
    return (vectors - vectors @ downscaling @ torch.linalg.pinv(downscaling)).view_as(details)
