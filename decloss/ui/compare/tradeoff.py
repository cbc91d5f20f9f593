"""Perception against distortion: the plot with a point for each network, and what to look for in it."""

import html
import math
from collections.abc import Sequence

from decloss.figures.tradeoff import HEIGHT, WIDTH, Point, perception_distortion
from decloss.ui.parts.names import plain_name
from decloss.views.comparison import Result

LOOK = (
    "<p>To the right a picture is truer to the original, pixel by pixel; further down it looks more like it. No "
    "network is best at both: what a loss gains in one direction it pays in the other.</p>"
    "<p><em>Look for:</em> the step from the hollow circle to the filled one, which is what DECLoss alone changes. "
    "Filled marks were trained with DECLoss, hollow ones without. The bar is the hollow circle’s picture, "
    "sharpened without any training: how much more does a loss do?</p>"
    "<p>Click a point, or press Enter on it, to see that network at the right of the viewer above.</p>"
)
NO_ORIGINAL = "Without an original there is nothing to measure against: only your eyes can judge."


def tradeoff(results: Sequence[Result], *, with_reference: bool) -> str:
    """Return the plot and its words as HTML; a click on an element with ``data-name`` chooses that network."""
    if not with_reference:
        return f"<p>{NO_ORIGINAL}</p>"
    if not results:  # the plot's place, so that nothing moves when it comes
        return _row(f'<div class="coming" style="--shape:{WIDTH}/{HEIGHT}"></div>')
    points = [
        Point(result.name, plain_name(result.name), result.scores.psnr_y, result.scores.lpips)
        for result in results
        if result.scores and result.scores.lpips is not None and math.isfinite(result.scores.psnr_y)
    ]
    if points:
        return _row(perception_distortion(points))
    missing = next((result.scores.lpips_missing for result in results if result.scores), None)
    why = f": {html.escape(missing)}." if missing else ", since no PSNR is finite."
    return f"<p>PSNR against LPIPS: n/a{why}</p>"


def _row(plot: str) -> str:
    return f'<div class="tradeoff-row"><div>{plot}</div><div>{LOOK}</div></div>'
