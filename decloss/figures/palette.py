"""One palette for networks: each has the same colour, mark and line in every figure, in light and in dark.

The colours were searched for the largest least distance between any two, also as people see them who lack one of the
three kinds of cones, and for contrast with the page; marks and dashes differ as well, for those who see no colour.
"""

import html
from collections.abc import Iterable
from dataclasses import dataclass

from decloss.zoo.registry import BICUBIC, SHARPENED, TABLE_1_NAMES

LEAST_DISTANCE = 15.0
"""The least distance of any two colours (CIEDE2000)."""
LEAST_DISTANCE_DICHROMATS = 10.0
"""The same as protanopes and deuteranopes see them (simulated after Machado et al., 2009)."""
LEAST_CONTRAST = 3.0
"""The least contrast of a colour with the page, in the sense of WCAG."""
LIGHT_PAGE, DARK_PAGE = "#ffffff", "#1e293b"
"""The page's colours behind figures."""

SHAPES = {
    "circle": "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z",
    "square": "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "triangle": "M0 -5.5L5.5 4.2H-5.5Z",
    "diamond": "M0 -6.2L6.2 0L0 6.2L-6.2 0Z",
    "wedge": "M0 5.5L5.5 -4.2H-5.5Z",
    "star": "M0 -6.5L1.7 -2.3L6.2 -2L2.7 0.9L3.8 5.3L0 2.9L-3.8 5.3L-2.7 0.9L-6.2 -2L-1.7 -2.3Z",
    "cross": "M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5",
    "plus": "M-5.5 0H5.5M0 -5.5V5.5",
    "pentagon": "M0 -5.8L5.5 -1.8L3.4 4.7H-3.4L-5.5 -1.8Z",
    "bar": "M-6.5 -2.5H6.5V2.5H-6.5Z",
    "hourglass": "M-4.5 -5H4.5L-4.5 5H4.5Z",
}
"""Outlines of marks around (0, 0), as SVG paths."""


@dataclass(frozen=True)
class Style:
    """How one network looks in figures."""

    light: str
    """Its colour on the light page, "#rrggbb"."""
    dark: str
    """Its colour on the dark page."""
    shape: str
    """The outline of its mark, a key of ``SHAPES``."""
    filled: bool
    """Whether the mark is filled; it is for networks that were trained with DECLoss."""
    dash: str
    """The dashes of its line, as SVG's ``stroke-dasharray``; empty for an unbroken line."""

    @property
    def css(self) -> str:
        """The colours as CSS variables, of which the style sheet takes one by the page's theme."""
        return f"--ink-light:{self.light};--ink-dark:{self.dark}"

    def mark(self, x: float = 0, y: float = 0) -> str:
        """Return the mark around (x, y) as an SVG path in a group, so that CSS can enlarge it in its place."""
        fill = "ink-filled" if self.filled else "ink-hollow"
        return f'<g transform="translate({x:.1f} {y:.1f})"><path class="{fill}" d="{SHAPES[self.shape]}"/></g>'

    def sample(self) -> str:
        """Return a short line with the mark on it, as an inline SVG for legends and tables."""
        return (
            f'<svg class="ink sample" style="{self.css}" viewBox="0 0 34 16" width="34" height="16" aria-hidden="true">'
            f'<path class="ink-line" d="M1 8H33" stroke-dasharray="{html.escape(self.dash)}"/>{self.mark(17, 8)}</svg>'
        )


_KNOWN = {
    BICUBIC: Style("#868686", "#cccccc", "cross", False, "2 3"),
    "edsr-l1": Style("#003a87", "#86c0fb", "circle", False, "7 3"),
    SHARPENED: Style("#303030", "#008c7f", "bar", False, "6 2"),
    "edsr-l1-dec": Style("#ff351b", "#f22410", "circle", True, ""),
    "edsr-l1-vgg": Style("#009a67", "#45f9b0", "square", False, "7 3 2 3"),
    "edsr-l1-vgg-gan": Style("#716847", "#9fb373", "triangle", False, "10 4"),
    "edsr-l1-vgg-ragan": Style("#36707f", "#74eefb", "diamond", False, "4 2"),
    "edsr-l1-vgg-dec": Style("#7829cf", "#9374ff", "square", True, "14 2"),
    "edsr-l1-vgg-dec-ragan": Style("#9c3066", "#c8547e", "diamond", True, "14 2 2 2"),
    "rrdb-l1-vgg-dec": Style("#0187f6", "#2b83b6", "wedge", True, "9 2 3 2"),
    "rrdb-l1-vgg-ragan": Style("#a13404", "#e3e437", "star", False, "5 3 1 3"),
    "rrdb-l1-vgg-dec-ragan": Style("#a277ae", "#14aabf", "star", True, "12 2 5 2"),
}
assert set(_KNOWN) == {BICUBIC, SHARPENED, *TABLE_1_NAMES}
_FURTHER = (
    Style("#fe2d65", "#cda729", "pentagon", False, "3 3"),
    Style("#69000a", "#5a8834", "plus", False, "1 3"),
    Style("#4d1d4c", "#9a8a69", "wedge", False, "8 3 1 3 1 3"),
    Style("#31523c", "#62bb9d", "hourglass", False, "11 3 1 3"),
)
STYLES = (*_KNOWN.values(), *_FURTHER)
"""All sixteen; with more networks that are not ours, the last four come again."""


def styles(names: Iterable[str]) -> dict[str, Style]:
    """Return a style for each of ``names``: ours have their own, others the next one that is free."""
    each = list(dict.fromkeys(names))
    others = [name for name in each if name not in _KNOWN]
    return {name: _KNOWN.get(name) or _FURTHER[others.index(name) % len(_FURTHER)] for name in each}
