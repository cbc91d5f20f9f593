"""The paper's loss in parts: enhancement (Eq. 12-17), mini-patches and similarities (18-20), contrast (21-23).

Each name is imported when it is first asked for: the parameters alone need no torch.
"""

from typing import TYPE_CHECKING

from decloss.lazy import lazy_names

if TYPE_CHECKING:
    from decloss.dec.calibration import eta_from_share as eta_from_share
    from decloss.dec.calibration import mu_from_fraction as mu_from_fraction
    from decloss.dec.frequency import enhance_high_frequency as enhance_high_frequency
    from decloss.dec.frequency import inverse_gaussian_mask as inverse_gaussian_mask
    from decloss.dec.loss import DECLoss as DECLoss
    from decloss.dec.loss import Intermediates as Intermediates
    from decloss.dec.similarity import extract_mini_patches as extract_mini_patches
    from decloss.dec.similarity import psnr_similarity as psnr_similarity

_HOMES = {
    "decloss.dec.calibration": ("eta_from_share", "mu_from_fraction"),
    "decloss.dec.frequency": ("enhance_high_frequency", "inverse_gaussian_mask"),
    "decloss.dec.loss": ("DECLoss", "Intermediates"),
    "decloss.dec.similarity": ("extract_mini_patches", "psnr_similarity"),
}
__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
