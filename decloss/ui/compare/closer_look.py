"""The closer look at a comparison: one region of all pictures, two pictures against each other, and the spectra."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from decloss.figures.difference import FULL_SCALE, difference_map, mean_difference
from decloss.figures.regions import enlarge, outline, region_at
from decloss.figures.spectrum import figure_pixels, power_figure, radial_power, spectrum_picture
from decloss.files.images import shrink
from decloss.pixels import SCALE
from decloss.ui.compare.comparison import HR_NAME, LR_NAME, Comparison, Pictures
from decloss.ui.compare.controls import RegionControls
from decloss.ui.parts.checks import check_choice, percent_of_click

MAP_SIDE = 640


def show_region(comparison: Comparison | None, place: RegionControls) -> tuple[Any, Pictures]:
    """Return the map with the region framed, and the region of every picture enlarged."""
    if comparison is None:
        raise gr.Error("This comparison is no longer on the server: compare again.")
    done = [LR_NAME, *(result.name for result in comparison.results)]
    base = comparison.pictures.get(HR_NAME) or comparison.pictures[done[-1]]
    region = region_at(base.pixels.shape, place.x / 100, place.y / 100, place.side)
    crops: Pictures = [(enlarge(picture.pixels, region), name) for name, picture in comparison.pictures.items()]
    return shrink(outline(base.pixels, region), *_map_size(comparison.task.lr.shape)), crops


def clicked_place(comparison: Comparison | None, index: Any) -> tuple[float, float]:
    """Return where the map was clicked, in per cent from the left and from the top."""
    if comparison is None:
        raise gr.Error("Compare something first.")
    height, width = _map_size(comparison.task.lr.shape)
    return percent_of_click(index, width, height)


def show_pair(comparison: Comparison | None, first: str, second: str) -> tuple[Any, Any, str]:
    """Return the two pictures for the before/after slider, the map of their difference, and its size in words."""
    if comparison is None:
        return None, None, ""
    names = list(comparison.pictures)
    a, b = (comparison.pictures[check_choice(name, "The picture", names)] for name in (first, second))
    difference = mean_difference(a.pixels, b.pixels)
    text = (
        f"**{first}** against **{second}**: they differ by {difference.mean():.4f} on average and by "
        f"{difference.max():.3f} at most, of values from 0 to 1. Black is equal; pale yellow is {FULL_SCALE:g} or more."
    )
    return (a.path, b.path), difference_map(a.pixels, b.pixels), text


def choose_pair(comparison: Comparison | None) -> tuple[Any, Any]:
    """Return the two menus after a run: the first result and the last, or HR (else LR) where there is only one."""
    if comparison is None or not comparison.results:
        return gr.skip(), gr.skip()
    names = list(comparison.pictures)
    first, second = comparison.results[0].name, comparison.results[-1].name
    if first == second:
        second = HR_NAME if HR_NAME in names else names[0]
    return gr.Dropdown(choices=names, value=first), gr.Dropdown(choices=names, value=second)


def show_spectra(comparison: Comparison | None) -> Iterator[tuple[Any, Any]]:
    """Yield every picture's spectrum and a figure of their power by frequency; before they are ready, yield no change.

    A large picture takes most of a second, and with each piece Gradio can stop if nobody waits any more.
    """
    if comparison is None:
        yield [], None
        return
    spectra, powers = [], {}
    for name, picture in comparison.pictures.items():
        if name != LR_NAME:  # LR is enlarged to blocks, and would show the spectrum of the blocks
            spectra.append((spectrum_picture(picture.pixels), name))
            yield gr.skip(), gr.skip()
            powers[name] = radial_power(picture.pixels)
            yield gr.skip(), gr.skip()
    yield spectra, figure_pixels(power_figure(powers))


def _map_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width of the map for an LR image of ``shape``, with ``MAP_SIDE`` on the longer side.

    Even for a small photo it is larger than it is shown, as Gradio reports clicks wrongly where the page enlarges.
    """
    height, width = (SCALE * side for side in shape[:2])
    factor = MAP_SIDE / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
