"""Training with what DECLoss could be mistaken for, to see whether it is the contrast that works.

    python -m benchmarks.controls --data PHOTOS --out RUN --recipe edsr-l1 --init edsr-l1 --own-cosine-weight 0.1

Takes every option of ``python -m decloss train``, and the weights of two more terms.
"""

import sys
from dataclasses import dataclass, field, fields
from typing import Annotated

import tyro
from torch import Tensor

import decloss
from decloss.commands.train import Train
from decloss.dec.similarity import directions
from decloss.losses import LossSettings, objective

MU = 0.25
"""The share of the crop's side, as in the recipes."""


@dataclass(frozen=True)
class ControlSettings(LossSettings):
    """The settings of the library's losses, and the weights of the controls."""

    enhanced_l1_weight: float = 0.0
    """The weight of L1 between the enhanced images: the loss's weighting of frequencies without its contrast."""
    own_cosine_weight: float = 0.0
    """The weight of the cosine of each mini-patch to its own ground truth, without any other mini-patch."""


@dataclass(frozen=True)
class ControlTrain(Train):
    """The command ``train`` with these settings."""

    losses: Annotated[ControlSettings, tyro.conf.OmitArgPrefixes] = field(default_factory=ControlSettings)


def enhanced_l1(sr: Tensor, hr: Tensor) -> Tensor:
    """Mean absolute difference of the enhanced images; (B, 3, H, W) in [0, 1] both, to a scalar."""
    sr, hr = _enhanced(sr), _enhanced(hr)
    return (sr - hr).abs().mean()


def own_cosine(sr: Tensor, hr: Tensor) -> Tensor:
    """1 less the mean cosine of enhanced mini-patches of 8 x 8 to their own; (B, 3, H, W) both, to a scalar up to 2."""
    u, v = (directions(decloss.extract_mini_patches(_enhanced(images), 8)) for images in (sr, hr))  # (B*, D) both
    return 1 - (u * v).sum(dim=1).mean()


def _enhanced(images: Tensor) -> Tensor:
    return decloss.enhance_high_frequency(images, mu=decloss.mu_from_fraction(MU, images.shape[-1]))


def main() -> int:
    objective.TERMS.update({"enhanced_l1": enhanced_l1, "own_cosine": own_cosine})
    arguments = sys.argv[1:]
    usual = Train.defaults(arguments)
    losses = ControlSettings(**{item.name: getattr(usual.losses, item.name) for item in fields(LossSettings)})
    given = {item.name: getattr(usual, item.name) for item in fields(Train)}
    return tyro.cli(ControlTrain, args=arguments, default=ControlTrain(**{**given, "losses": losses})).run()


if __name__ == "__main__":
    sys.exit(main())
