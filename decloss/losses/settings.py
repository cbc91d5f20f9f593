"""The weights and settings of the terms of Eq. (26), which are stored with every run."""

import math
from dataclasses import dataclass, fields
from typing import Literal

from decloss.dec.parameters import (
    DEFAULT_ETA_DB,
    DEFAULT_MU_BINS,
    OUTSIDE,
    check_contrast_arguments,
    check_mask_arguments,
)

NONE, GAN, RAGAN = "none", "gan", "ragan"


@dataclass(frozen=True)
class LossSettings:
    """The settings of Eq. (26); a term with weight zero is not computed."""

    l1_weight: float = 1.0
    """omega_1, the weight of the mean absolute error (Eq. 24)."""
    perceptual_weight: float = 0.0
    """omega_2, the weight of the perceptual loss (Eq. 25)."""
    dec_weight: float = 0.0
    """omega_3, the weight of DECLoss."""
    adversarial_weight: float = 0.0
    """The weight of the adversarial term; the paper gives none, ESRGAN takes 5e-3."""
    trunk: Literal["vgg19", "vgg16", "squeezenet1_1"] = "vgg19"
    """The ImageNet network whose features the perceptual term compares."""
    adversarial: Literal["none", "gan", "ragan"] = "none"
    """The kind of the adversarial term: "gan" as in SRGAN, "ragan" (relativistic average) as in ESRGAN."""
    discriminator_features: int = 64
    """The channels of the discriminator's first convolution: SRGAN and ESRGAN take 64, half of them costs a quarter."""
    alpha: float = 1.0
    """DECLoss: the peak of the mask's kernels."""
    mu: float = DEFAULT_MU_BINS
    """DECLoss: the standard deviation of the mask's kernels in frequency bins of the HR crop."""
    eta: float = DEFAULT_ETA_DB
    """DECLoss: the threshold of positive pairs in dB, which is unused when ``positive_share`` is given."""
    positive_share: float = 0.0
    """DECLoss: if above 0, eta is set once, at the start, so that this share of the pairs is positive."""
    t_pos: float = 0.5
    """DECLoss: the temperature of the positives."""
    t_neg: float = 1.5
    """DECLoss: the temperature of the negatives."""
    temperature: Literal["outside", "inside"] = OUTSIDE  # type: ignore[assignment]  # the constant is that literal
    """DECLoss: where the temperatures stand, "outside" the exponents as printed or "inside" as in SimCLR."""
    patch_size: int = 8
    """DECLoss: the side P of the mini-patches in pixels."""

    def __post_init__(self) -> None:
        """Raise a ``ValueError`` that quotes the first impossible value."""
        weights = [field.name for field in fields(self) if field.name.endswith("_weight")]
        for name in weights:
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be finite and not negative, got {getattr(self, name)}")
        if not any(getattr(self, name) for name in weights):
            raise ValueError("every weight is zero: there is nothing to minimise")
        if (self.adversarial_weight > 0) != (self.adversarial != NONE):
            raise ValueError(
                f"adversarial_weight {self.adversarial_weight} does not go with adversarial {self.adversarial!r}: "
                f"set both or neither"
            )
        check_mask_arguments(self.alpha, self.mu)
        check_contrast_arguments(self.eta, self.t_pos, self.t_neg, self.temperature)
        if not 0 <= self.positive_share < 1:
            raise ValueError(f"positive_share must be in [0, 1), got {self.positive_share}")
        for name in ("patch_size", "discriminator_features"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
