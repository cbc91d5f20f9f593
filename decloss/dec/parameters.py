"""The parameters of the loss: their defaults, and which values have a meaning. No torch here: --help shows them."""

import math

DEFAULT_MU_BINS = 48.0
"""The default mu, a quarter of the paper's 192-pixel crops, leaves DC 2 % of its weight; the paper gives no value."""
DEFAULT_ETA_DB = 27.0
"""With it and the other defaults 1 to 3 % of the pairs in a batch of photos are positive; the paper gives no value."""
OUTSIDE, INSIDE = "outside", "inside"
NARROWEST, WIDEST = 1e-9, 1e9
"""The limits of mu in frequency bins: within them mu squared stays in float32; beyond them no mask would differ."""
SMALLEST_ALPHA, LARGEST_ALPHA = 1e-4, 1e4
"""The limits of alpha's size: within them float32 and the limits of eta do not change the loss."""
COLDEST = 0.02
"""The lowest temperature inside an exponent: e^{1/t}, summed over any batch, stays within float32."""


def check_mask_arguments(alpha: float, mu: float) -> None:
    """Raise a ``ValueError`` that quotes the first value without meaning."""
    if not SMALLEST_ALPHA <= abs(alpha) <= LARGEST_ALPHA:
        raise ValueError(f"alpha must be from {SMALLEST_ALPHA:g} to {LARGEST_ALPHA:g} in size, got {alpha}")
    if not NARROWEST <= mu <= WIDEST:
        raise ValueError(f"mu must be from {NARROWEST:g} to {WIDEST:g} frequency bins, got {mu}")


def check_contrast_arguments(eta: float, t_pos: float, t_neg: float, temperature: str) -> None:
    """Raise a ``ValueError`` that quotes the first value without meaning."""
    radius_of_positives(eta)
    if temperature not in (OUTSIDE, INSIDE):
        raise ValueError(f"temperature must be {OUTSIDE!r} or {INSIDE!r}, got {temperature!r}")
    if not (0 < t_pos < math.inf and 0 < t_neg < math.inf):
        raise ValueError(f"t_pos and t_neg must be positive and finite, got {t_pos} and {t_neg}")
    if temperature == INSIDE and min(t_pos, t_neg) < COLDEST:
        raise ValueError(f"t_pos and t_neg inside the exponent must be at least {COLDEST}, got {t_pos} and {t_neg}")


def radius_of_positives(eta: float) -> float:
    """Return the largest distance of two mini-patches of images in [0, 1] with M >= eta, by Eq. (20).

    Raises:
        ValueError: if ``eta`` is not finite.
    """
    if not math.isfinite(eta):
        raise ValueError(f"eta must be a finite number of dB, got {eta}")
    # For alpha within its limits nothing changes beyond 300 dB, and the radius and its square stay in float32.
    return 10 ** (-min(max(eta, -300.0), 300.0) / 20)
