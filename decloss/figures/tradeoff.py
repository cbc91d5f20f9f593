"""Perception against distortion (Blau and Michaeli, 2018): an SVG with a point for each network."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from decloss.figures.axes import Axis, round_ticks, with_margin
from decloss.figures.labels import Box, place_labels
from decloss.figures.palette import styles

WIDTH, HEIGHT = 620, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 14, 14, 54
LETTER, LINE = 6.6, 16.0
"""The width of a letter of a label, a little more than fonts of 12 pixels need on average, and the height of a line."""


@dataclass(frozen=True)
class Point:
    """One network's scores."""

    name: str
    """The checkpoint's name, which a click on the point sends."""
    label: str
    """The name that visitors read."""
    psnr: float
    """PSNR on luma in dB."""
    lpips: float


def label_size(label: str) -> tuple[float, float]:
    """Return the room that a label needs, width and height."""
    return LETTER * len(label) + 4, LINE


def perception_distortion(points: Sequence[Point]) -> str:
    """Draw PSNR to the right and LPIPS upwards; every point is a button, ``data-name`` of which is the checkpoint.

    Args:
        points: at least one, with finite values.
    """
    inks = styles(point.name for point in points)
    right = Axis(*with_margin([point.psnr for point in points], 0.08, 0.5), LEFT, WIDTH - RIGHT)
    up = Axis(*with_margin([point.lpips for point in points], 0.12, 0.02), HEIGHT - BOTTOM, TOP)
    places = [(right.at(point.psnr), up.at(point.lpips)) for point in points]
    frame = Box(LEFT + 2, TOP + 2, WIDTH - RIGHT - LEFT - 4, HEIGHT - BOTTOM - TOP - 4)
    boxes = place_labels(places, [label_size(point.label) for point in points], frame)
    drawn = (
        _button(point, inks[point.name].css, inks[point.name].mark(*place), place, box)
        for point, place, box in zip(points, places, boxes, strict=True)
    )
    return (
        f'<svg class="figure tradeoff" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" '
        'aria-label="PSNR against LPIPS, a point for each network; each point is a button that shows it at the right">'
        f"{_grid(right, up)}{''.join(drawn)}</svg>"
    )


def _grid(right: Axis, up: Axis) -> str:
    """Return the axes, with numbers, units and which way is better."""
    top, bottom, end = TOP, HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path class="frame" d="M{LEFT} {top}V{bottom}H{end}"/>']
    for value in round_ticks(right.low, right.high, 6):
        x = right.at(value)
        parts.append(f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 19}" text-anchor="middle">{right.written(value)}</text>')
    for value in round_ticks(up.low, up.high, 5):
        y = up.at(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{end}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{up.written(value)}</text>')
    middle_x, middle_y = (LEFT + end) / 2, (top + bottom) / 2
    parts.append(
        f'<text class="name" x="{middle_x}" y="{HEIGHT - 8}" text-anchor="middle">'
        "PSNR on luma, dB · truer to each pixel →</text>"
        f'<text class="name" transform="translate(13 {middle_y}) rotate(-90)" text-anchor="middle">'
        "← looks more alike · LPIPS</text>"
    )
    return f'<g aria-hidden="true">{"".join(parts)}</g>'


def _button(point: Point, css: str, mark: str, place: tuple[float, float], box: Box | None) -> str:
    """Return one point with its label, and a line to the label where that stands apart."""
    x, y = place
    label, line = html.escape(point.label), ""
    text = ""
    if box is not None:
        nearest = min(max(x, box.left), box.left + box.width), min(max(y, box.top), box.top + box.height)
        if (nearest[0] - x) ** 2 + (nearest[1] - y) ** 2 > 18**2:
            line = f'<path class="leader" d="M{x:.1f} {y:.1f}L{nearest[0]:.1f} {nearest[1]:.1f}"/>'
        anchor = "start" if box.left >= x else "end" if box.left + box.width <= x else "middle"
        at = {"start": box.left, "end": box.left + box.width, "middle": box.left + box.width / 2}[anchor]
        text = f'<text class="label" x="{at:.1f}" y="{box.top + 12:.1f}" text-anchor="{anchor}">{label}</text>'
    said = f"{label}: {point.psnr:.2f} dB, LPIPS {point.lpips:.3f}"
    return (
        f'<g class="ink point" style="{css}" role="button" tabindex="0" data-name="{html.escape(point.name)}" '
        f'aria-label="{said}. Show at the right."><title>{said}</title>{line}'
        f'<circle class="room" cx="{x:.1f}" cy="{y:.1f}" r="14"/>{mark}{text}</g>'
    )
