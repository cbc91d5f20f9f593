"""The difference of two pictures, at each pixel."""

import numpy as np
from numpy.typing import NDArray

from decloss.files.images import RGBArray


def mean_difference(first: RGBArray, second: RGBArray) -> NDArray[np.float32]:
    """Return |first - second| in [0, 1], mean over RGB, (H, W).

    Args:
        first: (H, W, 3), 8-bit RGB.
        second: the same shape.

    Raises:
        ValueError: if the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"both pictures must have one size, got {first.shape} and {second.shape}")
    difference: NDArray[np.float32] = np.abs(first.astype(np.float32) - second.astype(np.float32)).mean(axis=2) / 255
    return difference
