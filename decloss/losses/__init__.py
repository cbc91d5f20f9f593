"""The terms of the training objective and their weighted sum."""

from decloss.losses.objective import Objective, WeightedSum, l1_loss

__all__ = ["Objective", "WeightedSum", "l1_loss"]
