"""The training objective, Eq. (26): a weighted sum of named terms."""

from collections.abc import Callable

from torch import Tensor, nn

from decloss.dec import DECLoss
from decloss.losses.adversarial import Adversary
from decloss.losses.perceptual import PerceptualLoss
from decloss.losses.settings import NONE, LossSettings


def l1_loss(sr: Tensor, hr: Tensor) -> Tensor:
    """Eq. (24), mean absolute error; the paper prints the sum, see docs/reading-the-paper.md."""
    return (sr - hr).abs().mean()


TERMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"l1": l1_loss}
"""Terms that are functions of SR and HR; the weight of each is the setting NAME_weight."""


class Objective(nn.Module):
    """Eq. (26), and the adversarial term of the paper's Table 1. Terms with weight zero are neither built nor computed.

    Args:
        settings: weights and settings of the terms.
        crop: side of the HR crops, for the discriminator.
        gather: whether DECLoss takes the mini-patches of all processes.

    Raises:
        ValueError: if the discriminator cannot take that crop.
        BackboneUnavailableError: if the perceptual term's trunk cannot be had.
    """

    def __init__(self, settings: LossSettings, crop: int = 192, *, gather: bool = False) -> None:
        super().__init__()
        s = self.settings = settings
        self.perceptual = PerceptualLoss(s.trunk) if s.perceptual_weight else None
        self.adversary = Adversary(s.adversarial, crop, s.discriminator_features) if s.adversarial != NONE else None
        self.dec = None
        if s.dec_weight:
            temperatures = (s.t_pos, s.t_neg)
            self.dec = DECLoss(s.alpha, s.mu, s.eta, *temperatures, s.patch_size, s.temperature, gather=gather)

    def forward(self, sr: Tensor, hr: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """SR and HR, (B, 3, H, W) in [0, 1], to the loss to minimise and its parts before weighting; all scalars."""
        s = self.settings
        terms: dict[str, tuple[float, Tensor]] = {}
        for name, term in TERMS.items():
            if weight := getattr(s, f"{name}_weight"):
                terms[name] = (weight, term(sr.float(), hr))
        if self.perceptual is not None:
            terms["perceptual"] = (s.perceptual_weight, self.perceptual(sr, hr))
        if self.dec is not None:
            terms["dec"] = (s.dec_weight, self.dec(sr, hr))
        if self.adversary is not None:
            terms["adversarial"] = (s.adversarial_weight, self.adversary.generator_loss(sr, hr))
        total = sum(weight * value for weight, value in terms.values())
        assert isinstance(total, Tensor)  # the settings have at least one weight
        return total, {name: value.detach() for name, (_, value) in terms.items()}
