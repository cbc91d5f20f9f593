"""The training objective, Eq. 26: a weighted sum of named terms."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

# SR (B, 3, H, W) and HR of the same shape, in [0, 1] -> the loss to minimise and its named parts, all scalars.
Objective = Callable[[Tensor, Tensor], tuple[Tensor, dict[str, Tensor]]]


def l1_loss(sr: Tensor, hr: Tensor) -> Tensor:
    """Eq. (24), mean absolute error; the paper prints the sum, see docs/reading-the-paper.md."""
    return (sr - hr).abs().mean()


@dataclass(frozen=True)
class WeightedSum:
    """Eq. (26). Terms with weight zero are not computed."""

    l1_weight: float = 1.0

    def __call__(self, sr: Tensor, hr: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        l1 = l1_loss(sr, hr)
        return self.l1_weight * l1, {"l1": l1}
