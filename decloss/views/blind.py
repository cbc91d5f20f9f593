"""What a blind test shows: one window of two networks' results, as one picture that does not tell which is which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from decloss.evaluation.scores import Scores
from decloss.figures.difference import mean_difference
from decloss.figures.regions import Region
from decloss.files.images import RGBArray

SIDE = 128
"""The side of the window in HR pixels."""
TRIES = 12
"""The windows that are drawn at random, of which one is shown."""
PLACE = re.compile(r"(\d{1,5}),(\d{1,5}),(\d{1,3})")


@dataclass(frozen=True)
class Candidates:
    """A photo and what networks made of it, all of the same size."""

    hr: RGBArray
    """The original, (H, W, 3)."""
    results: Mapping[str, RGBArray]
    """The results by the networks' names, (H, W, 3) each."""
    scores: Mapping[str, Scores]
    """The results' metrics by the same names."""
    left: int = 0
    """Where this piece begins in the whole photo, in pixels from the left; ``top`` counts those from the top."""
    top: int = 0


def draw_window(found: Candidates, first: str, second: str, rng: np.random.Generator) -> Region:
    """Return a window where there is something to compare.

    Of ``TRIES`` windows at random places, it is the one at two thirds of the order by the difference of the two: flat
    sky would be a wasted question, and always the most different place would ask about outliers alone.
    """
    height, width = found.hr.shape[:2]
    side = min(SIDE, height, width)
    pictures = found.results[first], found.results[second]
    if first == second:  # a test of attention: the place shall look like all the others
        pictures = found.hr, np.full_like(found.hr, 128)
    difference = mean_difference(*pictures)
    windows = [
        Region(int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1)), side, side)
        for _ in range(TRIES)
    ]
    windows.sort(key=lambda each: difference[each.top : each.top + side, each.left : each.left + side].mean())
    return windows[TRIES * 2 // 3]


def place_of(found: Candidates, window: Region) -> str:
    """Return the window in words of the whole photo: "left,top,side" in pixels."""
    return f"{found.left + window.left},{found.top + window.top},{window.width}"


def window_at(found: Candidates, place: str) -> Region | None:
    """Return the window that ``place_of`` described; None if it is not in this piece of the photo."""
    if (match := PLACE.fullmatch(place)) is None:
        return None
    left, top, side = map(int, match.groups())
    window = Region(left - found.left, top - found.top, side, side)
    height, width = found.hr.shape[:2]
    inside = 0 <= window.left <= width - side and 0 <= window.top <= height - side and side > 0
    return window if inside else None


def make_sheet(found: Candidates, window: Region, left: str, right: str, *, with_original: bool) -> RGBArray:
    """Return the windows side by side, (side, 2 or 3 times side, 3): left, the original if it is wanted, right.

    One picture holds them all, so that no file's name, size or time of arrival tells the networks apart.
    """
    middle = [window.cut(found.hr)] if with_original else []
    return np.concatenate([window.cut(found.results[left]), *middle, window.cut(found.results[right])], axis=1)
