"""The table of the COO tab with ICOO and true distances by checkpoint, and a sentence that explains it."""

import html
import math

from decloss.ui.parts.names import plain_name
from decloss.views.coo import CooMeasures
from decloss.views.neighbourhood import Distances

ITSELF = "HR itself"
EQUAL = "n/a: plain places match exactly"
"""What stands in the place of an infinite ICOO."""


def coo_table(found: CooMeasures) -> str:
    """Return HTML of the table; its last row is HR itself, with which every column is to be compared."""
    neighbours = found.own.order.shape[1]
    titles = (
        ("ICOO ↓", "dB, Eq. (11); lower is better, HR against itself is the floor"),
        ("Nearest HR", "mean L2 distance to the nearest HR mini-patch"),
        (f"Centre of {neighbours}", f"mean L2 distance to the mean of the {neighbours} nearest HR mini-patches"),
        ("Centre ÷ nearest", "below 1: nearer to the centre of its neighbours than to any one of them"),
        ("Ground truth", "mean L2 distance to the ground truth"),
    )
    head = "".join(f'<th scope="col" title="{hint}">{title}</th>' for title, hint in titles)
    rows = [_row(name, found.icoo[name], distances) for name, distances in found.distances.items()]
    rows += [
        f'<tr><th scope="row">{_named(name)}</th><td colspan="{len(titles)}" class="failed">{reason}</td></tr>'
        for name, reason in found.failed.items()
    ]
    rows.append(_row(ITSELF, found.floor, found.own, ' class="yardstick"'))
    return (
        f'<div class="scores"><table><thead><tr><th scope="col">Checkpoint</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def coo_sentence(found: CooMeasures) -> str:
    """Return Markdown that says in words what the table shows for this place."""
    count, neighbours = found.own.order.shape
    said = [
        f"**{_plain(name)}** {distances.between} of {count}, at {_ratio(distances)} of the distance"
        for name, distances in found.distances.items()
    ]
    own = f"HR itself {found.own.between} of {count}, at {_ratio(found.own)}"
    return (
        f"Nearer to the centre of their {neighbours} nearest HR mini-patches than to any single one: "
        f"{'; '.join([*said, own])}. In so many dimensions many are, HR too. *Look for:* a ratio below that of HR "
        "itself: that is the COO problem, a mixture of its neighbours rather than one of them."
    )


def _ratio(distances: Distances) -> str:
    return "n/a" if math.isnan(distances.ratio) else f"{distances.ratio:.2f}"


def _row(name: str, score: float, distances: Distances, attributes: str = "") -> str:
    far = (float(values.mean()) for values in (distances.nearest, distances.centre, distances.truth))
    nearest, centre, truth = (f"{value:.3g}" for value in far)
    cells = (f"{score:.2f}" if math.isfinite(score) else EQUAL, nearest, centre, _ratio(distances), truth)
    values = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr{attributes}><th scope="row">{_named(name)}</th>{values}</tr>'


def _named(name: str) -> str:
    """Return HTML of what visitors read for a checkpoint, with its name, if that is another one, small below it."""
    plain = plain_name(name)
    return html.escape(plain) + (f"<small>{html.escape(name)}</small>" if plain != name else "")


def _plain(name: str) -> str:
    """Return what visitors read for a checkpoint, escaped for use inside Markdown."""
    return html.escape(plain_name(name)).replace("*", "\\*").replace("_", "\\_")
