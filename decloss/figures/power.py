"""Curves of spectral power over frequency: an SVG with a colour, a mark and dashes for each network."""

import html
from collections.abc import Mapping

import numpy as np

from decloss.figures.axes import Axis, round_ticks
from decloss.figures.palette import styles
from decloss.figures.spectrum import Curve
from decloss.pixels import SCALE

WIDTH, HEIGHT = 640, 350
LEFT, RIGHT, TOP, BOTTOM = 60, 14, 14, 52
REFERENCE = "HR"
MARK_EVERY = 9
"""The number of a curve's points from one mark to the next."""
FLOOR = -60.0
"""The least power that is drawn, in dB below the most."""
LEAST = 1e-20
"""What is added to each power, since that of a picture of one colour is zero."""


def power_plot(powers: Mapping[str, Curve]) -> str:
    """Draw the ``radial_power`` of each picture in dB, relative to that of "HR" if it is among them.

    The dashed line marks the highest frequency that LR holds: beyond it a network can only guess.

    Args:
        powers: at least one curve.
    """
    reference = powers[REFERENCE][1] if REFERENCE in powers else None
    curves = {
        name: (frequency, 10 * np.log10((power + LEAST) / (1 if reference is None else reference + LEAST)))
        for name, (frequency, power) in powers.items()
    }
    values = np.concatenate([decibels for _, decibels in curves.values()])
    high = float(values.max())
    low = max(float(values.min()), high + FLOOR)
    margin = max(1.0, 0.05 * (high - low))
    right = Axis(0, 0.5, LEFT, WIDTH - RIGHT)
    up = Axis(low - margin, high + margin, HEIGHT - BOTTOM, TOP)
    inks = styles(name for name in curves if name != REFERENCE)
    drawn = []
    for order, (name, (frequency, decibels)) in enumerate(curves.items()):
        places = [
            (right.at(x), up.at(max(y, up.low))) for x, y in zip(frequency.tolist(), decibels.tolist(), strict=True)
        ]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        title = f"<title>{html.escape(name)}</title>"
        if name == REFERENCE:
            drawn.append(f'<g class="curve reference">{title}<path d="{path}"/></g>')
            continue
        ink = inks[name]
        marks = "".join(ink.mark(x, y) for x, y in places[(order * 2) % MARK_EVERY :: MARK_EVERY])
        line = f'<path class="ink-line" d="{path}" stroke-dasharray="{html.escape(ink.dash)}"/>'
        drawn.append(f'<g class="ink curve" data-name="{html.escape(name)}" style="{ink.css}">{title}{line}{marks}</g>')
    unit = "dB, the original = 0" if reference is not None else "dB"
    return (
        f'<svg class="figure power" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Power over frequency of {html.escape(", ".join(curves))}, in {unit}">'
        f"{_grid(right, up, unit)}{''.join(drawn)}</svg>"
    )


def _grid(right: Axis, up: Axis, unit: str) -> str:
    top, bottom, end = TOP, HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path class="frame" d="M{LEFT} {top}V{bottom}H{end}"/>']
    for value in round_ticks(0, 0.5):
        x = right.at(value)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>')
    for value in round_ticks(up.low, up.high):
        y = up.at(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{end}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{f"{value:g}".replace("-", "−")}</text>')
    edge = right.at(0.5 / SCALE)
    parts.append(
        f'<path class="edge" d="M{edge:.1f} {top}V{bottom}"/>'
        f'<text class="name" x="{edge + 6:.1f}" y="{top + 12}">from here on the input knows ever less</text>'
        f'<text class="name" x="{(LEFT + end) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "frequency, cycles per pixel · finer →</text>"
        f'<text class="name" transform="translate(13 {(top + bottom) / 2}) rotate(-90)" text-anchor="middle">'
        f"power, {unit}</text>"
    )
    return f"<g>{''.join(parts)}</g>"
