"""Maps of values from 0 to 1 as grey pictures that the browser colours: a change of gain needs no other picture.

A grey level is the root of its value, so that small values keep their differences in 8 bits. In the page an SVG filter
turns levels into colours, for any gain: black where there is nothing, pale yellow at ``1 / gain`` and above.
"""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

LEVELS = 255
COLOURS = "inferno"


def to_grey(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the grey levels (H, W) of ``values`` (H, W); what is above 1 is taken for 1."""
    levels: NDArray[np.uint8] = np.round(LEVELS * np.sqrt(np.clip(values, 0, 1))).astype(np.uint8)
    return levels


def from_grey(levels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the values that grey ``levels`` stand for; half a level is at most 0.004 of values up to 1."""
    return (levels / LEVELS) ** 2


def level_colours(gain: float) -> NDArray[np.float64]:
    """Return the colour of each grey level, (256, 3) in [0, 1], where ``1 / gain`` is the end of the scale."""
    share = np.clip(from_grey(np.arange(LEVELS + 1, dtype=np.uint8)) * gain, 0, 1)
    colours: NDArray[np.float64] = colormaps[COLOURS](share)[:, :3]
    return colours


def heat_filter(name: str, gain: float) -> str:
    """Return an invisible SVG with the filter ``name``, which colours the grey pictures of ``to_grey``."""
    tables = [" ".join(f"{value:.3f}" for value in channel) for channel in level_colours(gain).T]
    functions = "".join(
        f'<feFunc{channel} type="table" tableValues="{table}"/>' for channel, table in zip("RGB", tables, strict=True)
    )
    return (
        f'<svg class="heat-filter" width="0" height="0" aria-hidden="true"><filter id="{name}" '
        'color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1">'
        f"<feComponentTransfer>{functions}</feComponentTransfer></filter></svg>"
    )


def scale_gradient() -> str:
    """Return the colours of the scale as a CSS gradient."""
    stops = (colormaps[COLOURS](np.linspace(0, 1, 9), bytes=True)[:, :3]).tolist()
    return f"linear-gradient(90deg, {', '.join('#{:02x}{:02x}{:02x}'.format(*stop) for stop in stops)})"
