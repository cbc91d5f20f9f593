"""The closer look: one window of all pictures, enlarged, at the one place of all tabs or where they differ most."""

from typing import Any

import gradio as gr

from decloss.figures.regions import enlarge, outline, region_at, window_of_difference
from decloss.files.images import shrink
from decloss.pixels import SCALE
from decloss.ui.compare.comparison import HR_NAME, LR_NAME, Comparison, Pictures
from decloss.ui.compare.controls import RegionControls
from decloss.ui.compare.kept import address, once
from decloss.ui.compare.labels import plain_label

MAP_SIDE = 640


def show_region(comparison: Comparison | None, place: RegionControls) -> tuple[Any, Pictures]:
    """Return the API's map with the region framed, and the region of every picture enlarged."""
    if comparison is None:
        raise gr.Error("This comparison is no longer on the server: compare again.")
    done = [LR_NAME, *(result.name for result in comparison.results)]
    base = comparison.pictures.get(HR_NAME) or comparison.pictures[done[-1]]
    region = region_at(base.pixels.shape, place.x / 100, place.y / 100, place.side)
    crops: Pictures = [(enlarge(picture.pixels, region), name) for name, picture in comparison.pictures.items()]
    return shrink(outline(base.pixels, region), *_map_size(comparison.task.lr.shape)), crops


def show_windows(found: Comparison | None, x: float, y: float, side: int) -> dict[str, Any] | None:
    """Return what ``closer_look.js`` draws: the pictures' addresses, and where the window stands; None for nothing.

    The window stands where the networks differ most, at its "start", until the visitor has chosen a place.
    """
    if found is None or not found.results:
        return None
    height, width = (SCALE * length for length in found.task.lr.shape[:2])
    names = tuple(result.name for result in found.results)
    left, top, w, h = once(found, ("window", names, side), lambda: _most_different(found, side))
    return {
        "pictures": [
            {"name": name, "plain": plain_label(name), "source": address(found, picture.path)}
            for name, picture in found.pictures.items()
        ],
        "size": [width, height],
        "side": side,
        "start": [(left + w / 2) / width, (top + h / 2) / height],
        "part": list(found.task.part),
        "place": [x, y],
    }


def _most_different(found: Comparison, side: int) -> tuple[int, int, int, int]:
    """Return left, top, width and height of the window in which the networks differ most."""
    pictures = [found.pictures[result.name].pixels for result in found.results]
    if len(pictures) == 1 and HR_NAME in found.pictures:
        pictures.append(found.pictures[HR_NAME].pixels)
    region = window_of_difference(pictures, side)
    return region.left, region.top, region.width, region.height


def _map_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width of the API's map for an LR image of ``shape``, with ``MAP_SIDE`` on the longer side."""
    height, width = (SCALE * side for side in shape[:2])
    factor = MAP_SIDE / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
