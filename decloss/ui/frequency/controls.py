"""The controls of the Frequency tab, each declared once, and its presets."""

from dataclasses import dataclass
from typing import Annotated

from decloss.ui.parts.controls import Dropdown, Slider
from decloss.zoo.registry import BICUBIC

SHAPE = "shape"
"""The section of mu and alpha; the presets stand between it and the network."""
MU = Slider(
    "μ, share of the side", 0.05, 1.0, 0.01, name="μ", section=SHAPE,
    info="How much of the low frequencies remains: small, only the finest detail; large, nearly all.",
)  # fmt: skip
ALPHA = Slider(
    "α", 0.1, 4.0, 0.1, section=SHAPE, info="Only scales, by α². Cosines do not feel it; M moves by −40 log₁₀ α dB."
)
MODEL = Dropdown("SR from", name="The network", info="The loss compares this network’s picture with HR.")


@dataclass(frozen=True)
class Controls:
    """The checked values that a visitor chose."""

    model: Annotated[str, MODEL] = BICUBIC
    mu: Annotated[float, MU] = 0.25
    """The width of the mask as a share of the crop's side."""
    alpha: Annotated[float, ALPHA] = 1.0


PRESETS = {"DC suppressed": 0.16, "Default": Controls.mu, "DC kept": 0.5, "Hardly any": MU.maximum}
"""The value of mu that a button sets, by the button's title; alpha is then the default."""
