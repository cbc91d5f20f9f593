"""The controls of the Frequency tab, each declared once, and its presets."""

from dataclasses import dataclass
from typing import Annotated

from decloss.ui.frequency import words
from decloss.ui.parts.controls import Dropdown, Slider
from decloss.zoo.registry import BICUBIC

FIRST, SHAPE = "first", "shape"
"""The sections of mu and of alpha; the presets stand between the two."""
MU = Slider("μ, share of the side", 0.05, 1.0, 0.01, name="μ", section=FIRST, info=words.MU)
ALPHA = Slider("α", 0.1, 4.0, 0.1, section=SHAPE, info=words.ALPHA)
MODEL = Dropdown("SR from", name="The network", section=SHAPE, info=words.MODEL)
OPENS_WITH = "edsr-l1"
"""The network with which the tab opens: it is trained for PSNR alone, and so shows what the texts say of SR."""


@dataclass(frozen=True)
class Controls:
    """The checked values that a visitor chose."""

    model: Annotated[str, MODEL] = BICUBIC
    mu: Annotated[float, MU] = 0.25
    """The width of the mask as a share of the crop's side."""
    alpha: Annotated[float, ALPHA] = 1.0


PRESETS = {"DC suppressed": 0.16, "Default": Controls.mu, "DC kept": 0.5, "Hardly any": MU.maximum}
"""The value of mu that a button sets, by the button's title; alpha is then the default."""
