"""The training objective, Eq. (26), which is a weighted sum of named terms."""

from collections.abc import Callable

from torch import Tensor, nn

from decloss.dec import DECLoss
from decloss.losses.adversarial import Adversary
from decloss.losses.perceptual import PerceptualLoss
from decloss.losses.settings import NONE, LossSettings


def l1_loss(sr: Tensor, hr: Tensor) -> Tensor:
    """Return the mean absolute error, Eq. (24); the paper prints the sum, see docs/reading-the-paper.md."""
    return (sr - hr).abs().mean()


TERMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"l1": l1_loss}
"""The terms that are functions of SR and HR alone; the weight of each is the setting NAME_weight."""


class Objective(nn.Module):
    """Eq. (26) with the adversarial term of Table 1; terms with weight zero are neither built nor computed.

    Args:
        settings: the weights and settings of the terms.
        crop: the side of the HR crops in pixels, which the discriminator needs.
        gather: whether DECLoss takes the mini-patches of all processes.

    Raises:
        ValueError: if the discriminator does not fit that crop.
        BackboneUnavailableError: if the weights of the perceptual term's trunk are not available.
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
        """Return the loss for SR and HR, (B, 3, H, W) in [0, 1], and its terms before weighting; all are scalars."""
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
        assert isinstance(total, Tensor)  # ``LossSettings`` makes sure that a weight is not zero
        return total, {name: value.detach() for name, (_, value) in terms.items()}
