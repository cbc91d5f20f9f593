"""Curves of a run under way, as small SVGs that take their colours from the page's style sheet."""

import html
import math
from collections.abc import Sequence

WIDTH, HEIGHT = 320, 132
LEFT, RIGHT, TOP, BOTTOM = 60, 6, 8, 20
POINTS = 150
"""The most points of a curve; where there are more, neighbours are averaged."""

Points = Sequence[tuple[float, float]]
"""Pairs (step, value) with rising steps."""


def thin_out(points: Points, most: int = POINTS) -> list[tuple[float, float]]:
    """Return at most ``most`` points, each the mean of as many neighbours; the last may be of fewer."""
    size = max(1, math.ceil(len(points) / most))
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group)) for group in groups]


def curve_plot(points: Points, last_step: int, description: str, *, dots: bool = False) -> str:
    """Return the SVG of one curve from step 0 to ``last_step``, with its least and its largest value beside it.

    Args:
        points: finite values; there may be none.
        last_step: the step at the right edge, towards which the curve grows.
        description: the curve in words, for those who do not see it.
        dots: whether every point is marked, which suits few points.
    """
    shown = thin_out(points)
    values = [y for _, y in shown] or [0.0]
    low, high = min(values), max(values)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(step: float, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{LEFT + step / max(1, last_step) * (right - LEFT):.1f} {bottom - share * (bottom - TOP):.1f}"

    places = [place(*point) for point in shown]
    parts = [
        f'<svg class="run-curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(description)}">',
        f'<path class="grid" d="M{LEFT} {TOP}H{right}M{LEFT} {bottom}H{right}"/>',
    ]
    if points:
        parts.append(f'<path class="curve" d="M{"L".join(places)}"/>')
        marked = places if dots else places[-1:]
        parts += ['<circle cx="{}" cy="{}" r="3.2"/>'.format(*where.split()) for where in marked]
        parts.append(f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{significant(high)}</text>')
        if high > low:
            parts.append(f'<text x="{LEFT - 6}" y="{bottom + 4}" text-anchor="end">{significant(low)}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">0</text>')
    parts.append(f'<text x="{right}" y="{HEIGHT - 6}" text-anchor="end">step {last_step}</text></svg>')
    return "".join(parts)


def significant(value: float) -> str:
    """Return ``value`` with four digits, and without a power of ten where it can be read without."""
    if value == 0 or not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}" if value else "0"
    places = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}".replace("-", "−")
