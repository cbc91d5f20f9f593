"""The plane in which the COO playground shows its details, and a colour for each of them."""

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """The plane in which modes and bicubic lie, at least nearly; its unit is the root mean square difference."""

    centre: Array
    """The origin, (D,)."""
    axes: Array
    """The two axes, (2, D), orthonormal."""

    def place(self, images: Array) -> Array:
        """Project images (n, ...) onto the plane; return their coordinates (n, 2)."""
        vectors = images.reshape(len(images), -1) - self.centre
        return vectors @ self.axes.T / np.sqrt(vectors.shape[1])


def plane_through(images: Array) -> Plane:
    """Return the plane of the principal axes of ``images`` (n, ...), in which the first has no negative coordinate."""
    vectors = images.reshape(len(images), -1)
    centre = vectors.mean(axis=0)
    axes = np.linalg.svd(vectors - centre, full_matrices=False)[2][:2]
    signs = np.where(axes @ (vectors[0] - centre) < 0, -1.0, 1.0)
    return Plane(centre, axes * signs[:, None])


def mode_colours(count: int) -> Array:
    """Return a colour for each mode, (count, 4) RGBA; a mode has the same colour in every figure."""
    colours: Array = colormaps["tab10"](np.array([0, 3, 2, 9, 6, 5])[:count])
    return colours
