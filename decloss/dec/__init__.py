"""The paper's loss in pieces: enhancement (Eq. 12-17), mini-patches and similarities (18-20), contrast (21-23)."""

from decloss.dec.frequency import enhance_high_frequency, inverse_gaussian_mask
from decloss.dec.similarity import extract_mini_patches, psnr_similarity

__all__ = ["enhance_high_frequency", "extract_mini_patches", "inverse_gaussian_mask", "psnr_similarity"]
