"""The paper's loss in parts: enhancement (Eq. 12-17), mini-patches and similarities (18-20), contrast (21-23)."""

from decloss.dec.calibration import eta_from_share, mu_from_fraction
from decloss.dec.frequency import enhance_high_frequency, inverse_gaussian_mask
from decloss.dec.loss import DECLoss, Intermediates
from decloss.dec.similarity import extract_mini_patches, psnr_similarity

__all__ = [
    "DECLoss",
    "Intermediates",
    "enhance_high_frequency",
    "eta_from_share",
    "extract_mini_patches",
    "inverse_gaussian_mask",
    "mu_from_fraction",
    "psnr_similarity",
]
