"""PSNR against LPIPS along the weights of several terms: perception against distortion, a line for each term."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from decloss.figures.labels import Box, place_labels

WIDTH, HEIGHT = 4.6, 5.0
"""The size of one panel in inches: on a phone it fills the screen, and its letters stay readable."""
LETTER, LINE = 6.2, 12.0
"""The width and the height that a letter of a label takes, in points."""
FAR = 24.0
"""The distance in points from which a line leads to a label."""
BETWEEN = 30.0
"""The distance in points of the places on a line that labels keep clear of."""
Style = Literal["decloss", "second", "third"]
DECLOSS: Style = "decloss"
SECOND: Style = "second"
THIRD: Style = "third"
STYLES: dict[Style, tuple[str, str]] = {DECLOSS: ("#d1495b", "o"), SECOND: ("#3b7dd8", "s"), THIRD: ("#2a9d5c", "^")}
"""The colour and the mark of each line; the colours can be read on the light and on the dark page."""
SHARPENED = "#808080"
"""The colour of pictures that are only sharpened."""


@dataclass(frozen=True)
class Line:
    """The curve of one term."""

    label: str
    style: Style
    psnr_y: Sequence[float]
    """The mean of PSNR on luma in dB at each weight, by rising weight."""
    lpips: Sequence[float]
    """The mean LPIPS at each weight."""
    weights: Sequence[str]
    """The text beside each point; an empty one is not drawn."""
    spread: Sequence[tuple[float, float]]
    """The lowest and the highest LPIPS of the seeds at each weight."""
    sharpened: Sequence[tuple[Sequence[float], Sequence[float]]] = ()
    """(PSNR, LPIPS) of the pictures of some of the points, by the amount of sharpening; drawn dotted."""


@dataclass(frozen=True)
class Sharpened:
    """A network whose pictures are sharpened more and more instead of training it."""

    label: str
    psnr_y: Sequence[float]
    lpips: Sequence[float]
    dashes: tuple[float, ...] = (4, 2)
    """The lengths of dashes and gaps, which tell networks apart."""


@dataclass(frozen=True)
class Panel:
    """Lines that are compared with each other."""

    title: str
    lines: Sequence[Line]
    sharpened: Sequence[Sharpened]
    lowest: float | None = None
    """The PSNR at which the panel ends at the left; None for the lowest point of a line."""


def lpips_against_psnr(panels: Sequence[Panel], data: str) -> Figure:
    """Draw each panel's lines, PSNR to the right and LPIPS upwards; look for lines below the dashed ones.

    Args:
        panels: at least one; they stand beside each other.
        data: the name of the photos, for the axis.
    """
    figure = Figure(figsize=(WIDTH * len(panels), HEIGHT), layout="constrained")
    each = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(each, panels, strict=True):
        _draw(axes, panel, data)
    figure.draw_without_rendering()  # the labels stand where the layout leaves room
    for axes, panel in zip(each, panels, strict=True):
        _label(axes, panel)
    return figure


def _draw(axes: Axes, panel: Panel, data: str) -> None:
    for twin in panel.sharpened:
        axes.plot(twin.psnr_y, twin.lpips, color=SHARPENED, linestyle=(0, twin.dashes), lw=1.8, label=twin.label)
    for line in panel.lines:
        colour, mark = STYLES[line.style]
        low, high = zip(*line.spread, strict=True)
        axes.vlines(line.psnr_y, low, high, color=colour, alpha=0.35, lw=3)
        axes.plot(line.psnr_y, line.lpips, color=colour, marker=mark, ms=6, lw=1.8, label=line.label, zorder=3)
        for index, (psnr_y, lpips) in enumerate(line.sharpened):
            label = "" if index else "the same, each sharpened"
            axes.plot(psnr_y, lpips, color=colour, linestyle=(0, (1, 1.6)), lw=1.3, alpha=0.8, label=label)
    axes.set_title(panel.title, fontsize=11)
    axes.set_xlabel(f"PSNR-Y on {data}, dB · truer to each pixel →")
    axes.set_ylabel("← looks more alike · LPIPS")
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.25)
    _frame(axes, panel)
    axes.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.45, -0.17), handlelength=2.6)


def _frame(axes: Axes, panel: Panel) -> None:
    """Show all of the lines, and of the dashed ones what lies beside them."""
    trained = [x for line in panel.lines for x in line.psnr_y]
    left = min(trained) if panel.lowest is None else panel.lowest
    right = max(trained + [x for twin in panel.sharpened for x in twin.psnr_y])
    everything = [(line.psnr_y, line.lpips) for line in panel.lines]
    everything += [(twin.psnr_y, twin.lpips) for twin in panel.sharpened]
    shown = [y for across, up in everything for x, y in zip(across, up, strict=True) if x >= left]
    margins = 0.07 * max(right - left, 0.1), 0.09 * max(max(shown) - min(shown), 0.01)  # one point has some room too
    axes.set_xlim(left - margins[0], right + 1.6 * margins[0])
    axes.set_ylim(min(shown) - margins[1], max(shown) + margins[1])


def _label(axes: Axes, panel: Panel) -> None:
    """Write the weights beside their points where they cover neither each other nor a line."""
    scale = 72 / axes.figure.dpi  # everything below is in points of the page
    frame = axes.get_window_extent()
    room = Box(frame.x0 * scale, frame.y0 * scale, frame.width * scale, frame.height * scale)
    names: list[str] = []
    colours: list[str] = []
    places: list[NDArray[np.float64]] = []
    for line in panel.lines:
        on_page = axes.transData.transform(list(zip(line.psnr_y, line.lpips, strict=True))) * scale
        ends = [(x, y) for x, both in zip(line.psnr_y, line.spread, strict=True) for y in both]
        covered = [*_between(on_page), *axes.transData.transform(ends) * scale]
        names += [*line.weights, *[""] * len(covered)]
        places += [*on_page, *covered]
        colours += [STYLES[line.style][0]] * (len(names) - len(colours))
    inside = [at for at, (x, y) in enumerate(places) if Box(x, y, 0, 0).inside(room)]
    sizes = [(LETTER * len(names[at]), LINE if names[at] else 0.0) for at in inside]
    for at, box in zip(inside, place_labels([tuple(places[at]) for at in inside], sizes, room), strict=True):
        if names[at] and box is not None:
            offset = box.left + box.width / 2 - places[at][0], box.top + box.height / 2 - places[at][1]
            _write(axes, names[at], colours[at], axes.transData.inverted().transform(places[at] / scale), offset)


def _between(places: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return places on the line between its points, which no label should cover."""
    found = []
    for left, right in pairwise(places):
        steps = int(np.hypot(*(right - left)) // BETWEEN)
        found += [left + (right - left) * (step + 1) / (steps + 1) for step in range(steps)]
    return found


def _write(axes: Axes, text: str, colour: str, point: NDArray[np.float64], offset: tuple[float, float]) -> None:
    far = max(map(abs, offset)) > FAR
    axes.annotate(
        text,
        (float(point[0]), float(point[1])),
        xytext=offset,
        textcoords="offset points",
        color=colour,
        fontsize=9,
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6} if far else None,
    )
