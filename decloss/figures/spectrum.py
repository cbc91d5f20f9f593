"""Spectra of results, as pictures with DC in the centre and as curves over frequency."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.files.images import RGBArray

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
LUMA = (0.299, 0.587, 0.114)
LOG_RANGE = (-5.5, -1.5)
"""The log10 of the magnitude per pixel at which the colours of ``spectrum_picture`` begin and end."""
BINS = 64


def spectrum(pixels: RGBArray) -> NDArray[np.float64]:
    """Return the magnitude of luma's discrete Fourier transform divided by H*W, with DC in the centre, (H, W).

    The mean is removed and a Hann window applied first: without the window the jump from each edge to the opposite
    one would put a bright cross over everything.
    """
    height, width = pixels.shape[:2]
    grey = pixels.astype(np.float64) @ np.asarray(LUMA) / 255
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    return np.abs(np.fft.fftshift(np.fft.fft2((grey - grey.mean()) * window))) / (height * width)


def spectrum_picture(pixels: RGBArray) -> RGBArray:
    """Return ``spectrum`` in colour on a logarithmic scale that is the same for every picture, (H, W, 3)."""
    low, high = LOG_RANGE
    share = (np.log10(spectrum(pixels) + 1e-12) - low) / (high - low)
    return (colormaps["viridis"](np.clip(share, 0, 1), bytes=True)[..., :3]).astype(np.uint8)


def radial_power(pixels: RGBArray) -> Curve:
    """Average the power of a picture by distance from DC.

    Returns:
        The frequencies in cycles per pixel, in (0, 0.5), and the mean squared magnitude at each; equal lengths.
    """
    power = spectrum(pixels) ** 2
    fy, fx = (np.fft.fftshift(np.fft.fftfreq(length)) for length in power.shape)
    radius = np.hypot(fy[:, None], fx[None, :])
    edges = np.linspace(0, 0.5, BINS + 1)
    count, _ = np.histogram(radius, edges)
    total, _ = np.histogram(radius, edges, weights=power)
    filled = count > 0
    return ((edges[:-1] + edges[1:]) / 2)[filled], total[filled] / count[filled]
