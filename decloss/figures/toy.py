"""The COO playground's pictures: details in grey, the plane of the modes, and curves over the steps."""

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decloss.figures.regions import repeat
from decloss.files.images import RGBArray

Array = NDArray[np.float64]
PIXEL = 10
"""The side in screen pixels of one of the toy's pixels."""
MEAN, MEDIAN, PLAIN, OUTPUT = "#d97706", "#7c3aed", "#64748b", "#111827"


def grey_picture(values: Array, factor: int = PIXEL) -> RGBArray:
    """Return (H, W), clipped to [0, 1], as 8-bit RGB with each pixel as a square of ``factor`` pixels a side."""
    grey = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return repeat(np.repeat(grey[..., None], 3, axis=2), factor)


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


def plane_figure(
    modes: Array, weights: Array, mean: Array, median: Array, plain: Array, path: Array, outputs: Array, labels: Array
) -> Figure:
    """Draw where the network is among the modes; look for whether the black line ends at a mode or between them.

    Args:
        modes: (K, 2), as ``Plane.place`` returns them.
        weights: (K,), the modes' shares of the pictures, which are the areas of the discs.
        mean: (2,), the mean of the modes.
        median: (2,), their median.
        plain: (2,), the bicubic picture.
        path: (T, 2), the output after each step.
        outputs: (n, 2), one for each picture of the training set.
        labels: (n,), the mode of each picture.
    """
    figure = Figure(figsize=(4.4, 4.1), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    colours = mode_colours(len(modes))
    axes.scatter(modes[:, 0], modes[:, 1], s=900 * weights, c=colours, alpha=0.45, linewidths=0)
    for k, (x, y) in enumerate(modes):
        axes.annotate(f"mode {k + 1}", (x, y), (0, 17), textcoords="offset points", ha="center", fontsize=9)
    axes.scatter(
        outputs[:, 0], outputs[:, 1], s=10, c=colours[labels], linewidths=0, zorder=3, label="output for each picture"
    )
    axes.plot(*path.T, color=OUTPUT, linewidth=1.4, zorder=4)
    axes.plot(*path[-1], "o", color=OUTPUT, markersize=6, zorder=5, label="output now")
    axes.plot(*mean, "+", color=MEAN, markersize=13, markeredgewidth=2.5, zorder=2, label="mean")
    axes.plot(*median, "x", color=MEDIAN, markersize=9, markeredgewidth=2.5, zorder=2, label="median")
    axes.plot(*plain, "s", color=PLAIN, markersize=6, fillstyle="none", zorder=2, label="bicubic")
    shown = np.vstack([modes, path, outputs, plain])
    middle, half = (shown.max(axis=0) + shown.min(axis=0)) / 2, max(0.2, 0.58 * np.ptp(shown, axis=0).max())
    axes.set(xlim=middle[0] + half * np.array([-1, 1]), ylim=middle[1] + half * np.array([-1, 1]), aspect="equal")
    axes.set(xlabel="first principal axis", ylabel="second")
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8.5, handletextpad=0.4, columnspacing=1)
    return figure


def curves_figure(
    loss: Array, to_modes: Array, to_mean: Array, icoo_steps: Array, icoo: Array, icoo_hr: float, changes: Array
) -> Figure:
    """Draw distances, loss and ICOO over the steps; look for which distance falls to zero.

    Args:
        loss: (T,), before each step.
        to_modes: (T, K), the output's root mean square difference to each mode.
        to_mean: (T,), the same to the mean.
        icoo_steps: (S,), the steps at which ICOO was measured.
        icoo: (S,), ICOO in dB at these steps.
        icoo_hr: ICOO of the HR pictures against themselves, in dB.
        changes: the steps at which the loss or its settings were changed.
    """
    figure = Figure(figsize=(4.4, 4.6), dpi=150, layout="constrained")
    distances, losses, intensity = figure.subplots(3, 1, sharex=True, height_ratios=(1.5, 1, 1))
    distances.plot(to_modes.min(axis=1), color=OUTPUT, linewidth=5, alpha=0.2, label="to the nearest mode")
    for k, colour in enumerate(mode_colours(to_modes.shape[1])):
        distances.plot(to_modes[:, k], color=colour, linewidth=1.4)
    distances.plot(to_mean, color=MEAN, linewidth=1.8, linestyle="--", label="to the mean")
    distances.set(ylabel="RMS distance", ylim=(0, None))
    distances.legend(fontsize=8, loc="center right", framealpha=0.7, edgecolor="none")
    losses.plot(loss, color=OUTPUT, linewidth=1.4)
    losses.set(ylabel="loss")
    losses.ticklabel_format(useOffset=False)
    if len(loss) and np.ptp(loss) < 1e-3:  # a constant loss must not show its rounding as movement
        losses.set_ylim(loss.mean() - 0.01, loss.mean() + 0.01)
    intensity.plot(icoo_steps, icoo, color=OUTPUT, linewidth=1.4, marker=".", markersize=3)
    intensity.axhline(icoo_hr, color="#15803d", linestyle="--", linewidth=1.2)
    intensity.annotate("HR against itself", (0, icoo_hr), xycoords=("axes fraction", "data"), xytext=(3, 3),
                       textcoords="offset points", ha="left", fontsize=8, color="#15803d")  # fmt: skip
    intensity.margins(y=0.25)
    intensity.set(ylabel="ICOO, dB", xlabel="step", xlim=(0, max(10, len(loss))))
    for axes in (distances, losses, intensity):
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.25)
        for step in changes:
            axes.axvline(step, color="0.5", linewidth=0.8, linestyle=":")
    return figure


def mode_colours(count: int) -> Array:
    """Return a colour for each mode, (count, 4) RGBA; a mode has the same colour in every figure."""
    colours: Array = colormaps["tab10"](np.array([0, 3, 2, 9, 6, 5])[:count])
    return colours
