"""The weights and settings of the terms of Eq. (26): data, stored with every run."""

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
    """Eq. (26). A term with weight zero is not computed."""

    l1_weight: float = 1.0
    """omega_1, of the mean absolute error (Eq. 24)."""
    perceptual_weight: float = 0.0
    """omega_2, of the distance in a trunk's features (Eq. 25)."""
    dec_weight: float = 0.0
    """omega_3, of DECLoss (Eq. 23)."""
    adversarial_weight: float = 0.0
    """Of the adversarial term. The paper gives none: 5e-3 is ESRGAN's."""
    trunk: Literal["vgg19", "vgg16", "squeezenet1_1"] = "vgg19"
    """Features of the perceptual term."""
    adversarial: Literal["none", "gan", "ragan"] = "none"
    """"gan" as in SRGAN, "ragan" (relativistic average) as in ESRGAN."""
    discriminator_features: int = 64
    """Of the discriminator's first convolution; 64 is SRGAN's and ESRGAN's, half of it costs a quarter."""
    alpha: float = 1.0
    """DECLoss: peak of the mask's kernels."""
    mu: float = DEFAULT_MU_BINS
    """DECLoss: their standard deviation in frequency bins of the HR crop."""
    eta: float = DEFAULT_ETA_DB
    """DECLoss: threshold of positive pairs in dB; unused when a share is given."""
    positive_share: float = 0.0
    """DECLoss: if above 0, eta is set once, at the start, so that this share of the pairs is positive."""
    t_pos: float = 0.5
    """DECLoss: temperature of the positives."""
    t_neg: float = 1.5
    """DECLoss: temperature of the negatives."""
    temperature: Literal["outside", "inside"] = OUTSIDE  # type: ignore[assignment]  # the constant is that literal
    """DECLoss: where they stand, "outside" the exponents as printed or "inside" as in SimCLR."""
    patch_size: int = 8
    """DECLoss: side P of the mini-patches."""

    def __post_init__(self) -> None:
        """Refuse impossible values, quoting them."""
        weights = [field.name for field in fields(self) if field.name.endswith("_weight")]
        for name in weights:
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
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
