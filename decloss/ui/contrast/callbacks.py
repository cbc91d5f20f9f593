"""What the Contrast tab's events call: each checks its values, calls the library, and makes pictures or HTML of it."""

from typing import Any

import gradio as gr
import numpy as np

from decloss.ui.contrast import html
from decloss.ui.contrast.controls import ALPHA, AS_SHARE, BEST, ETA, IN_DB, Controls
from decloss.ui.parts.checks import check_click
from decloss.ui.parts.tab import DAMAGED, NO_SCENE, Networks
from decloss.views.contrast import (
    ContrastView,
    compute_contrast,
    compute_row,
    compute_slopes,
    loss_with_alpha,
    most_positives,
)
from decloss.views.scene import Scene
from decloss.zoo.checkpoint import CheckpointError


def show(networks: Networks, scene: Scene | None, chosen: Controls) -> tuple[Any, ...]:
    """Return the view, a note, the column below, and two sliders.

    What is seen of the view comes from ``show_view``, which is asked afterwards, with the sliders' values of then: a
    mini-patch may have been chosen meanwhile.
    """
    if scene is None:
        return _nothing(NO_SCENE)
    try:
        view = compute_contrast(scene.sr(chosen.model, networks.load), scene.hr, chosen.settings)
    except CheckpointError:
        return _nothing(DAMAGED)
    except ValueError as error:  # in an even area no eta gives that share
        return _nothing(f"Nothing to contrast here: {error}.")
    places = (_up_to(view.n, place) for place in (chosen.row, chosen.column))
    return view, "", gr.Column(visible=True), *places


def show_view(view: ContrastView | None, chosen: Controls) -> tuple[Any, ...]:
    """Return the four of ``show_row``, and the histogram, which tells the page that they are up to date."""
    if view is None:
        return (gr.skip(),) * 5
    settings = view.settings
    by, asked = (AS_SHARE, round(100 * settings.share, 9)) if settings.eta is None else (IN_DB, settings.eta)
    return *show_row(view, chosen), html.histogram_value(view, by, asked)


def show_row(view: ContrastView | None, chosen: Controls) -> tuple[Any, ...]:
    """Return both pictures, the numbers, the maps of the row, and the map of losses for the chosen mini-patch."""
    if view is None:
        return (gr.skip(),) * 4
    asked = (None if place == BEST else min(place, view.n) - 1 for place in (chosen.row, chosen.column))
    place = most_positives(view, *asked)
    seen = compute_row(view, *place)
    pair = html.pair_value(view.hr, view.sr, seen, place)
    return pair, html.facts(view, seen, place), html.row_maps(view, seen, place), html.loss_map(view, place)


def show_slopes(view: ContrastView | None) -> tuple[Any, ...]:
    """Return the map of the gradient, the table of temperatures, and the table of alpha and eta as HTML."""
    if view is None:
        return (gr.skip(),) * 3
    slopes = compute_slopes(view)
    settings = view.settings
    chosen = (settings.temperature, settings.t_pos, settings.t_neg)
    other = 2.0 if settings.alpha == 1 else 1.0
    return (
        html.gradient_map(slopes[chosen]),
        html.temperature_table(slopes, chosen, np.count_nonzero(view.by_patch) / view.by_patch.size),
        html.knob_table(view, other, *loss_with_alpha(view, other)),
    )


def turn_knob(view: ContrastView | None, alpha: Any, factor: float) -> tuple[str, float, float]:
    """Return the way to set eta (in dB), alpha times ``factor``, and the eta in dB that leaves the loss as it is.

    ``alpha`` is the slider's: the view has that of before as long as an earlier turn is not answered.
    """
    if view is None:
        raise gr.Error(NO_SCENE)
    alpha = ALPHA.check(alpha) * factor
    eta = round(loss_with_alpha(view, alpha)[0], 4)
    if not (ALPHA.minimum <= alpha <= ALPHA.maximum and ETA.minimum <= eta <= ETA.maximum):
        raise gr.Error(f"That would leave the sliders: α {alpha:g}, η {eta:.2f} dB.")
    return IN_DB, alpha, eta


def clicked(view: ContrastView | None, event: gr.SelectData) -> tuple[Any, ...]:
    """Return row and column, counted from 1, which a picture or a map sends when clicked, and the four of ``show_row``.

    Both in one answer: sliders that change one after the other would ask twice, first with the column from before.
    """
    if view is None:
        raise gr.Error(NO_SCENE)
    row, column = check_click(event.index, 1, (view.n, view.n))
    chosen = Controls(row=round(row), column=round(column))
    return chosen.row, chosen.column, *show_row(view, chosen)


def _up_to(n: int, place: int) -> gr.Slider:
    return gr.Slider(maximum=n, value=n) if place > n else gr.Slider(maximum=n)


def _nothing(why: str) -> tuple[Any, ...]:
    return None, why, gr.Column(visible="hidden"), gr.skip(), gr.skip()
