"""Enhanced images as pictures, and energy by frequency as curves, drawn fast enough to follow a slider."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.figures.contrast import signed_scale
from decloss.figures.spectrum import LUMA
from decloss.files.images import RGBArray

Pixels = NDArray[np.floating[Any]]

LARGEST_GAIN = 1e6
DECIBELS = (-120, 20)
"""The range of the plot in dB; what is weaker or stronger is cut off."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 300, 52, 10, 8, 46
"""The size of the plot and of its margins, in the units of its SVG."""


@dataclass(frozen=True)
class Rings:
    """The power and the energy of a square picture by frequency, in steps of one frequency bin."""

    frequency: NDArray[np.float64]
    """The frequency of each ring in cycles per pixel, from 0, which is DC alone, to 0.5."""
    power: NDArray[np.float64]
    """The squared magnitude of the transform divided by the number of pixels, as the mean over each ring."""
    energy: NDArray[np.float64]
    """The same as a sum, by the larger of the two frequencies along the axes, since what LR can hold is a square."""

    @property
    def detail(self) -> float:
        """The energy of all frequencies but DC."""
        return float(self.energy[1:].sum())

    def energy_beyond(self, frequency: float) -> float:
        """Return the energy of all that is finer than ``frequency`` along one of the axes."""
        return float(self.energy[self.frequency > frequency].sum())

    def share_beyond(self, frequency: float) -> float:
        """Return ``energy_beyond`` as a share of all energy but DC; it is 0 for a picture without any detail."""
        return self.energy_beyond(frequency) / self.detail if self.detail > 0 else 0.0


def mask_colours() -> list[list[int]]:
    """Return 256 colours, [red, green, blue] of 0 to 255, from black (nothing is kept) to pale yellow (all is kept)."""
    colours: list[list[int]] = colormaps["magma"](np.arange(256), bytes=True)[:, :3].tolist()
    return colours


def display_gain(hr: Pixels, alpha: float) -> float:
    """Return the gain at which 99 % of HR's enhanced values would fit between black and white if alpha were 1.

    It has two significant digits, and does not depend on alpha, so that a picture shows what alpha does.
    """
    largest = signed_scale(hr) / alpha**2
    return LARGEST_GAIN if largest * LARGEST_GAIN < 0.5 else float(f"{0.5 / largest:.1e}")


def signed_picture(values: Pixels, gain: float) -> RGBArray:
    """Return values around zero as (H, W, 3) 8-bit RGB: ``gain`` times the value is added to mid-grey, then clipped."""
    return np.rint(np.clip(0.5 + gain * values, 0, 1) * 255).astype(np.uint8)


def radial_energy(picture: Pixels) -> Rings:
    """Return the energy by frequency of the luma of (N, N, 3), whose values are in [0, 1] or around zero.

    Unlike ``spectrum`` it keeps the mean and applies no window, since the mask meets the transform as it is.
    """
    side = len(picture)
    spectrum = np.fft.fft2(picture @ np.asarray(LUMA, np.float32)) / side**2
    squared = np.abs(spectrum) ** 2
    bins = np.fft.fftfreq(side, 1 / side)
    ring = np.rint(np.hypot(bins[:, None], bins[None, :])).astype(int)
    square = np.maximum(np.abs(bins)[:, None], np.abs(bins)[None, :]).astype(int)
    rings = side // 2 + 1
    power = (np.bincount(ring.ravel(), squared.ravel()) / np.bincount(ring.ravel()))[:rings]
    energy = np.bincount(square.ravel(), squared.ravel(), minlength=rings).astype(np.float64)
    return Rings(np.arange(rings) / side, power, energy)


def energy_plot(curves: Sequence[tuple[str, Rings]], edge: float, description: str) -> str:
    """Draw radial power in decibels as an SVG that takes its colours from the page's style sheet.

    Args:
        curves: pairs (CSS class, rings), drawn in this order.
        edge: the highest frequency that LR holds in cycles per pixel, which a dashed line marks.
        description: the plot in words, for those who do not see it.
    """
    low, high = DECIBELS
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(frequency: float) -> float:
        return LEFT + frequency / 0.5 * (right - LEFT)

    def y(decibels: float) -> float:
        return bottom - (decibels - low) / (high - low) * (bottom - TOP)

    parts = [
        f'<svg class="energy-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(description)}">',
        f'<clipPath id="energy-frame"><rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}"/>'
        "</clipPath>",
    ]
    for level in range(low, high + 1, 20):
        parts.append(f'<path class="grid" d="M{LEFT} {y(level):.1f}H{right}"/>')
        if level % 40 == 0:
            label = "0 dB" if level == 0 else f"−{-level}"
            parts.append(f'<text x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{label}</text>')
    for tick in (0, 0.1, 0.2, 0.3, 0.4, 0.5):
        anchor = "end" if tick == 0.5 else "middle"
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 18}" text-anchor="{anchor}">{tick:g}</text>')
    parts.append(f'<path class="edge" d="M{x(edge):.1f} {TOP}V{bottom}"/>')
    parts.append(f'<text x="{x(edge) + 6:.1f}" y="{TOP + 14}">LR ends here</text>')
    for name, rings in curves:
        levels = 10 * np.log10(np.maximum(rings.power, 1e-30))
        points = "L".join(f"{x(f):.1f} {y(p):.1f}" for f, p in zip(rings.frequency, levels, strict=True))
        parts.append(f'<path class="curve {name}" clip-path="url(#energy-frame)" d="M{points}"/>')
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">cycles per pixel</text></svg>')
    return "".join(parts)
