"""Networks from LR to SR: EDSR, RRDBNet, and bicubic scaling as the baseline."""

from decloss.models.bicubic import Bicubic, bicubic_downscale, bicubic_upscale, make_lr
from decloss.models.edsr import EDSR
from decloss.models.rrdb import RRDBNet

__all__ = ["EDSR", "Bicubic", "RRDBNet", "bicubic_downscale", "bicubic_upscale", "make_lr"]
