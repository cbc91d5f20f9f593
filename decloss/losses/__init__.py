"""The terms of the training objective, and their weighted sum."""

from decloss.losses.objective import Objective, l1_loss
from decloss.losses.perceptual import PerceptualLoss
from decloss.losses.settings import LossSettings

__all__ = ["LossSettings", "Objective", "PerceptualLoss", "l1_loss"]
