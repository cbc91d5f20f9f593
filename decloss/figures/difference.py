"""The difference of two results as a picture and as numbers."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.files.images import RGBArray

FULL_SCALE = 0.2
"""The difference, of values in [0, 1], at which the colour scale ends."""


def difference_map(first: RGBArray, second: RGBArray) -> RGBArray:
    """Return |first - second|, mean over RGB, as colour from black (equal) to pale yellow (``FULL_SCALE`` or more).

    Args:
        first: (H, W, 3), 8-bit RGB.
        second: the same shape.

    Returns:
        (H, W, 3), 8-bit RGB.
    """
    share = np.clip(mean_difference(first, second) / FULL_SCALE, 0, 1)
    return (colormaps["inferno"](share, bytes=True)[..., :3]).astype(np.uint8)


def mean_difference(first: RGBArray, second: RGBArray) -> NDArray[np.float32]:
    """Return |first - second| in [0, 1], mean over RGB, (H, W).

    Raises:
        ValueError: if the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"both pictures must have one size, got {first.shape} and {second.shape}")
    difference: NDArray[np.float32] = np.abs(first.astype(np.float32) - second.astype(np.float32)).mean(axis=2) / 255
    return difference
