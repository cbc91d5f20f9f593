"""Perception against distortion: the plot with a point for each network, and a sentence on each beside it."""

import html
import math
from collections.abc import Callable, Sequence

from decloss.figures.palette import styles
from decloss.figures.tradeoff import Point, perception_distortion
from decloss.ui.compare.labels import label
from decloss.ui.compare.look_for import look_for
from decloss.ui.parts.names import plain_name
from decloss.views.comparison import Result

LOOK = (
    "<p>To the right a picture is truer, pixel by pixel; further down it looks more like the original. No network is "
    "best at both: a loss that gains in one direction pays in the other. <em>Look for:</em> the step from the hollow "
    "circle to the filled one, which is what DECLoss alone changes. Filled marks were trained with DECLoss.</p>"
)
NO_ORIGINAL = "Without an original there is nothing to measure against: only your eyes can judge."


def tradeoff(results: Sequence[Result], *, with_reference: bool, training: Callable[[str], object]) -> str:
    """Return the plot and the sentences as HTML, whose elements with ``data-name`` choose a network when clicked.

    Args:
        results: what the networks made.
        with_reference: whether there is an original.
        training: a function that returns what a network's card says of its training, or None.
    """
    if not results:
        return ""
    return f'<div class="tradeoff-row"><div>{_plot(results, with_reference)}</div>{_sentences(results, training)}</div>'


def _plot(results: Sequence[Result], with_reference: bool) -> str:
    if not with_reference:
        return f"<p>{NO_ORIGINAL}</p>"
    points = [
        Point(result.name, plain_name(result.name), result.scores.psnr_y, result.scores.lpips)
        for result in results
        if result.scores and result.scores.lpips is not None and math.isfinite(result.scores.psnr_y)
    ]
    if points:
        return perception_distortion(points) + LOOK
    missing = next((result.scores.lpips_missing for result in results if result.scores), None)
    why = f": {html.escape(missing)}." if missing else ", since there is no finite PSNR."
    return f"<p>PSNR against LPIPS: n/a{why}</p>"


def _sentences(results: Sequence[Result], training: Callable[[str], object]) -> str:
    """Return a list of the networks that is the plot's legend too, with what to look for in each one's picture."""
    inks = styles(result.name for result in results)
    items = "".join(
        f'<li><button type="button" data-name="{html.escape(result.name)}" title="Show at the right">'
        f"{inks[result.name].sample()}<span>{label(result.name)}</span></button>"
        f"<p>{html.escape(look_for(result.name, training(result.name)))}</p></li>"
        for result in results
    )
    return f'<ul class="look-for" aria-label="What to look for in each picture">{items}</ul>'
