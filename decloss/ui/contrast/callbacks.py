"""What the Contrast tab's events call: values checked, one function of the library, pictures and html."""

import time
from typing import Any

import gradio as gr

from decloss.dec.dense import COLDEST, INSIDE, OUTSIDE
from decloss.figures.contrast import cell_side, mini_patch_picture
from decloss.ui.contrast import html
from decloss.ui.parts.checks import check_choice, check_count, check_number
from decloss.ui.parts.tab import NO_SCENE, Networks
from decloss.views.contrast import (
    HIGHEST,
    LOWEST,
    MOST,
    ContrastSettings,
    ContrastView,
    compute_contrast,
    compute_row,
    compute_slopes,
    loss_with_alpha,
)
from decloss.views.scene import Scene
from decloss.zoo.checkpoint import CheckpointError

IN_DB, AS_SHARE = "dB", "share"
PATCH_SIZES, MU, ALPHA, ETA = (1, 16), (0.1, 1.0), (0.25, 4.0), (float(LOWEST), float(HIGHEST))
SHARE = (0.1, 50.0)
"""Per cent of the pairs."""
TEMPERATURE = (COLDEST, 8.0)
DAMAGED = "This checkpoint cannot be used: its file is damaged. Choose another network."


def read_settings(
    patch_size: Any, mu: Any, alpha: Any, by: Any, eta: Any, share: Any, t_pos: Any, t_neg: Any, reading: Any
) -> ContrastSettings:
    """The controls' values, checked."""
    by = check_choice(by, "The way to set η", (AS_SHARE, IN_DB))
    eta = check_number(eta, "η", *ETA)
    return ContrastSettings(
        patch_size=check_count(patch_size, "P", *PATCH_SIZES),
        mu_share=check_number(mu, "μ", *MU),
        alpha=check_number(alpha, "α", *ALPHA),
        eta=eta if by == IN_DB else None,
        share=check_number(share, "The share of positive pairs", *SHARE) / 100,
        t_pos=check_number(t_pos, "t_pos", *TEMPERATURE),
        t_neg=check_number(t_neg, "t_neg", *TEMPERATURE),
        temperature=check_choice(reading, "The reading", (OUTSIDE, INSIDE)),
    )


def show(networks: Networks, scene: Scene | None, name: Any, row: Any, column: Any, *values: Any) -> tuple[Any, ...]:
    """All but slopes: view, its time, a note, what is below, the five of ``show_row``, histogram, row, column."""
    name = check_choice(name, "The network", networks.names)
    settings = read_settings(*values)
    if scene is None:
        return _nothing(NO_SCENE)
    try:
        view = compute_contrast(scene.sr(name, networks.load), scene.hr, settings)
    except CheckpointError:
        return _nothing(DAMAGED)
    except ValueError as error:  # an even area: no eta gives that share
        return _nothing(f"Nothing to contrast here: {error}.")
    _, _, _, by, eta, share, *_ = values
    histogram = html.histogram_value(view, by, eta if by == IN_DB else share)
    places = (_up_to(view.n, _place(value)) for value in (row, column))
    return view, time.time(), "", gr.Column(visible=True), *show_row(view, row, column), histogram, *places


def show_row(view: ContrastView | None, row: Any, column: Any) -> tuple[Any, ...]:
    """Of one mini-patch, counted from 1: HR and SR, the numbers, the maps of its row, and where it is among losses."""
    if view is None:
        return (gr.skip(),) * 5
    place = (min(_place(row), view.n) - 1, min(_place(column), view.n) - 1)
    seen = compute_row(view, *place)
    hr, sr = (mini_patch_picture(pixels, seen.positives, *place) for pixels in (view.hr, view.sr))
    return hr, sr, html.facts(view, seen, place), html.row_maps(view, seen, place), html.loss_map(view, place)


def show_slopes(view: ContrastView | None) -> tuple[Any, ...]:
    """The gradient, the table of temperatures, and that of alpha and eta."""
    if view is None:
        return (gr.skip(),) * 3
    slopes = compute_slopes(view)
    settings = view.settings
    chosen = (settings.temperature, settings.t_pos, settings.t_neg)
    other = 2.0 if settings.alpha == 1 else 1.0
    return (
        html.gradient_map(slopes[chosen]),
        html.temperature_table(slopes, chosen),
        html.knob_table(view, other, *loss_with_alpha(view, other)),
    )


def turn_knob(view: ContrastView | None, factor: float) -> tuple[str, float, float]:
    """Alpha times ``factor``, and the eta in dB that leaves the loss as it is."""
    if view is None:
        raise gr.Error(NO_SCENE)
    alpha = view.settings.alpha * factor
    eta = round(loss_with_alpha(view, alpha)[0], 4)
    if not (ALPHA[0] <= alpha <= ALPHA[1] and ETA[0] <= eta <= ETA[1]):
        raise gr.Error(f"That would leave the sliders: α {alpha:g}, η {eta:.2f} dB.")
    return IN_DB, alpha, eta


def clicked_picture(view: ContrastView | None, event: gr.SelectData) -> tuple[int, int]:
    """Row and column, from 1, of a click on HR or SR."""
    if view is None:
        raise gr.Error(NO_SCENE)
    side = cell_side(len(view.hr), view.n)
    x, y = _two_numbers(event.index, 0, side * view.n)
    return min(int(y // side) + 1, view.n), min(int(x // side) + 1, view.n)


def clicked_map(view: ContrastView | None, event: gr.SelectData) -> tuple[int, int]:
    """Row and column, from 1, of a click on a map, which gives those."""
    if view is None:
        raise gr.Error(NO_SCENE)
    row, column = _two_numbers(event.index, 1, view.n)
    return round(row), round(column)


def _two_numbers(index: Any, low: float, high: float) -> tuple[float, float]:
    if not (isinstance(index, list | tuple) and len(index) == 2):
        raise gr.Error("A click needs two coordinates.")
    first, second = (check_number(value, "The coordinate", low, high) for value in index)
    return first, second


def _place(value: Any) -> int:
    return check_count(value, "Row and column", 1, MOST)


def _up_to(n: int, place: int) -> gr.Slider:
    return gr.Slider(maximum=n, value=n) if place > n else gr.Slider(maximum=n)


def _nothing(why: str) -> tuple[Any, ...]:
    return None, 0, why, gr.Column(visible="hidden"), *(gr.skip() for _ in range(8))
