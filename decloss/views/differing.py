"""Where two pictures differ most: the window of a given size with the largest mean difference."""

import numpy as np

from decloss.figures.difference import mean_difference
from decloss.files.images import RGBArray


def most_different(first: RGBArray, second: RGBArray, height: int, width: int) -> tuple[float, float, float]:
    """Return the middle of the window in which two pictures (H, W, 3) differ most, and by how much on average.

    Args:
        first: a picture.
        second: another one of the same size.
        height: of the window in pixels; a window that is larger than the pictures is cut to their size.
        width: the same.

    Returns:
        x and y as shares of width and height, and the mean absolute difference there, in [0, 1].
    """
    difference = mean_difference(first, second)  # (H, W)
    height, width = min(height, difference.shape[0]), min(width, difference.shape[1])
    sums = np.zeros((difference.shape[0] + 1, difference.shape[1] + 1))  # of all above and to the left
    sums[1:, 1:] = difference.astype(np.float64).cumsum(axis=0).cumsum(axis=1)
    windows = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    top, left = np.unravel_index(windows.argmax(), windows.shape)
    x, y = (left + width / 2) / difference.shape[1], (top + height / 2) / difference.shape[0]
    return float(x), float(y), float(windows.max() / (height * width))
