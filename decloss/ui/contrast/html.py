"""The numbers and the maps of the Contrast tab as HTML."""

import base64
import html

import numpy as np
from numpy.typing import NDArray

from decloss.dec.dense import OUTSIDE
from decloss.figures.contrast import grid_picture, ramp, signed_scale
from decloss.files.images import RGBArray, encode_png
from decloss.views.contrast import STEPS_PER_DB, ContrastView, Row, Slope

SIGNED, SEQUENTIAL, LOSSES = "RdBu_r", "viridis", "magma"
READINGS = {OUTSIDE: "outside, as printed"}
Grid = NDArray[np.float32]


def facts(view: ContrastView, row: Row, place: tuple[int, int]) -> str:
    """Return HTML of the numbers of all pairs, and of those of the mini-patch at ``place`` (row and column from 0)."""
    count = view.n**2
    positives = int(row.positives.sum())
    everywhere = (
        ("positive pairs", _percent(view.share)),
        ("η", f"{_signed(view.eta)} dB"),
        ("the loss, Eq. 23", _signed(view.loss, 4)),
    )
    here = (
        ("its positives, with itself", f"{positives:,} of {count:,}"),
        ("Q<sub>pos</sub>, Eq. 21", f"{row.q_pos:,.2f}"),
        ("Q<sub>neg</sub>, Eq. 22", f"{row.q_neg:,.2f}"),
        ("its loss", _signed(row.loss, 4)),
    )
    side = len(view.hr)
    title = (
        f"<b>Mini-patch {place[0] * view.n + place[1] + 1:,}</b> of {count:,}: "
        f"row {place[0] + 1}, column {place[1] + 1}"
    )
    return (
        f"<p>All {count:,} mini-patches, from {side} × {side} pixels in the middle of the place</p>"
        f"{_list(everywhere)}<p>{title}</p>{_list(here)}<p>{_remark(view, row, positives)}</p>"
    )


def pair_value(hr: RGBArray, sr: RGBArray, row: Row, place: tuple[int, int]) -> dict[str, object]:
    """Return the data that ``pair.js`` draws: both pictures, and which mini-patches are positives at any eta.

    Args:
        hr: (side, side, 3), 8-bit RGB.
        sr: the network's picture of the same shape.
        row: the row of the matrices of the mini-patch at ``place``.
        place: its row and column, from 0.
    """
    return {
        "hr": _source(hr),
        "sr": _source(sr),
        "n": len(row.m),
        "row": place[0] + 1,
        "column": place[1] + 1,
        "positives": "".join("01"[positive] for positive in row.positives.ravel().tolist()),
        "m": [round(value, 3) if np.isfinite(value) else None for value in row.m.ravel().tolist()],
    }


def row_maps(view: ContrastView, row: Row, place: tuple[int, int]) -> str:
    """Return HTML maps of one row of M, S^{sr->hr} and S^{sr->sr}, laid out as the mini-patches lie in the picture."""
    others = row.m[np.isfinite(row.m)]
    low, high = (float(others.min()), float(others.max())) if len(others) else (0.0, 1.0)
    return (
        _map(row.m, low, high, SEQUENTIAL, view.n, place, "M, Eq. 20", "dB; alike is bright")
        + _map(row.s_sr_hr, -1, 1, SIGNED, view.n, place, "S<sup>sr→hr</sup>, Eq. 18", "cosine with HR’s mini-patches")
        + _map(row.s_sr_sr, -1, 1, SIGNED, view.n, place, "S<sup>sr→sr</sup>, Eq. 19", "cosine with SR’s mini-patches")
    )


def loss_map(view: ContrastView, place: tuple[int, int]) -> str:
    """Return HTML of the map of the loss by mini-patch; it is grey where there is no negative and so no loss."""
    note = "grey: no negative, so no part of it"
    return _map(*loss_values(view), LOSSES, view.n, place, "Loss by mini-patch", note)


def loss_values(view: ContrastView) -> tuple[Grid, float, float]:
    """Return the loss by mini-patch, (n, n), NaN where it has no negative, with its least and its greatest value."""
    values = np.where(view.by_patch == 0, np.nan, view.by_patch)
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return values, low, high


def gradient_map(slope: Slope) -> str:
    """Return HTML of a map of minus the gradient, mean over RGB: red pixels would become brighter, blue ones darker."""
    step, low, high = step_values(slope)
    note = "per unit of value, 99 % are within" if high else "there is no gradient"
    return _map(step, low, high, SIGNED, 0, None, "Minus the gradient on SR", note)


def step_values(slope: Slope) -> tuple[Grid, float, float]:
    """Return minus the gradient, mean over RGB, (side, side), with the two ends of a scale around zero."""
    step = -slope.gradient.mean(axis=2)
    scale = signed_scale(step)
    return step, -scale, scale


def temperature_table(
    slopes: dict[tuple[str, float, float], Slope], chosen: tuple[str, float, float], contributing: float
) -> str:
    """Return an HTML table of loss and gradient in both readings, at the printed and at the chosen temperatures.

    Args:
        slopes: those of ``compute_slopes``.
        chosen: the key of the chosen one.
        contributing: the share of the mini-patches that have a negative; to the others' loss of 0 nothing is added.
    """
    base = next(iter(slopes.values()))
    rows = []
    for case, slope in slopes.items():
        changed = float(np.abs(slope.gradient - base.gradient).max())
        largest = float(np.abs(base.gradient).max())
        against = "—" if slope is base else f"{100 * changed / max(largest, 1e-30):.3g} %" if changed else "none at all"
        added = contributing * np.log(slope.t_pos / slope.t_neg)
        shift = _signed(added, 4) if slope.temperature == OUTSIDE else "—"
        mark = ' class="chosen"' if case == chosen else ""
        rows.append(
            f'<tr{mark}><th scope="row">{READINGS.get(slope.temperature, "inside the exponent")}</th>'
            f'<td data-name="t_pos">{slope.t_pos:g}</td><td data-name="t_neg">{slope.t_neg:g}</td>'
            f'<td data-name="loss">{_signed(slope.loss, 4)}</td><td data-name="log(t_pos/t_neg) in it">{shift}</td>'
            f'<td data-name="‖gradient‖">{slope.norm:.6f}</td>'
            f'<td data-name="change of the gradient">{against}</td></tr>'
        )
    head = "".join(
        f'<th scope="col">{title}</th>'
        for title in (
            "Temperatures",
            "t<sub>pos</sub>",
            "t<sub>neg</sub>",
            "loss",
            "log(t<sub>pos</sub>/t<sub>neg</sub>) in it",
            "‖gradient‖",
            "change of the gradient",
        )
    )
    return f'<div class="scores"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def knob_table(view: ContrastView, other_alpha: float, other_eta: float, other_loss: float) -> str:
    """Return an HTML table of the loss at the chosen (alpha, eta) and at a pair with the same eta + 40 log10 alpha."""
    lines = [
        (view.settings.alpha, view.eta, view.loss, "as chosen"),
        (other_alpha, other_eta, other_loss, "another α, its η"),
    ]
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{alpha:.4g}</td><td>{_signed(eta)}</td>'
        f"<td>{_signed(view.eta_at_alpha_one)}</td><td>{_signed(loss, 4)}</td></tr>"
        for alpha, eta, loss, name in lines
    )
    head = "".join(f'<th scope="col">{title}</th>' for title in ("", "α", "η, dB", "η + 40 log<sub>10</sub> α", "loss"))
    return f'<div class="scores"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def histogram_value(view: ContrastView, by: str, asked: float) -> dict[str, object]:
    """Return the data that ``histogram.js`` draws; ``asked`` is the slider's value for which they were computed."""
    histogram = view.histogram
    return {
        "start": histogram.start,
        "counts": histogram.counts.tolist(),
        "equal": histogram.equal,
        "steps": STEPS_PER_DB,
        "eta": view.eta,
        "share": view.share,
        "by": by,
        "asked": asked,
        "alpha": view.settings.alpha,
    }


def _remark(view: ContrastView, row: Row, positives: int) -> str:
    if view.share == 1:
        return (
            "<b>Every pair is positive:</b> no mini-patch has a negative, Q<sub>neg</sub> is 0 and the printed loss "
            "would be −∞. Such rows contribute nothing here: the loss is 0, and nothing is learned from it."
        )
    if row.positives.all():
        return (
            "All others are its positives: Q<sub>neg</sub> is 0 and its printed loss would be −∞. Such a row "
            "contributes nothing."
        )
    if positives == 1:
        return "Its only positive is itself: it is drawn to its own ground truth and pushed from everything else."
    return "Its loss is −log(Q<sub>pos</sub> / Q<sub>neg</sub>); the loss is the mean of these over all."


def _map(
    values: Grid, low: float, high: float, colours: str, n: int, place: tuple[int, int] | None, title: str, note: str
) -> str:
    source = _source(grid_picture(values, low, high, colours))
    plain = title.replace("<sup>", " ").replace("</sup>", "")
    frame = ""
    if place is not None:
        row, column = place
        side = 100 / n
        frame = f'<i style="left:{side * column:.4f}%;top:{side * row:.4f}%;width:{side:.4f}%;height:{side:.4f}%"></i>'
    bar = f"background:linear-gradient(90deg,{','.join(ramp(colours))})"
    ends = f'<span>{_number(low)}</span><b style="{bar}"></b><span>{_number(high)}</span>'
    return (
        f'<figure><div class="map" data-n="{n}"><img src="{source}" '
        f'alt="{html.escape(plain)}, {html.escape(note)}">{frame}</div>'
        f'<figcaption><b>{title}</b><span class="ends">{ends}</span>{note}</figcaption></figure>'
    )


def _source(pixels: RGBArray) -> str:
    """Return a picture as an address that holds its PNG data."""
    return "data:image/png;base64," + base64.b64encode(encode_png(pixels)).decode()


def _list(pairs: tuple[tuple[str, str], ...]) -> str:
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs) + "</dl>"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.1f} %"


def _number(value: float) -> str:
    text = f"{value:.2g}" if abs(value) < 10 else f"{value:.1f}"
    return text.replace("-", "−") if value else "0"


def _signed(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")
