"""The terms of the training objective and their weighted sum; the settings alone need no torch."""

from typing import TYPE_CHECKING

from decloss.lazy import lazy_names
from decloss.losses.settings import LossSettings as LossSettings

if TYPE_CHECKING:
    from decloss.losses.objective import Objective as Objective
    from decloss.losses.objective import l1_loss as l1_loss
    from decloss.losses.perceptual import PerceptualLoss as PerceptualLoss

_HOMES = {
    "decloss.losses.objective": ("Objective", "l1_loss"),
    "decloss.losses.perceptual": ("PerceptualLoss",),
    "decloss.losses.settings": ("LossSettings",),
}
__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
