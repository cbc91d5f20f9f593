"""The table under the results, with the best and second best marked as in the paper."""

import html
from collections.abc import Callable, Mapping, Sequence

from decloss.figures.palette import styles
from decloss.ui.compare.comparison import sharpened_by
from decloss.ui.compare.labels import label
from decloss.ui.compare.look_for import LOOK_FOR, look_for
from decloss.views.comparison import Result

# Title, hint, function for the value, number format, and whether higher (1) or lower (-1) is better or neither (0).
Column = tuple[str, str, Callable[[Result], float | None], str, int]
QUALITY: tuple[Column, ...] = (
    ("PSNR-Y ↑", "dB, higher is better", lambda r: r.scores.psnr_y if r.scores else None, "{:.2f}", 1),
    ("SSIM ↑", "at most 1, higher is better", lambda r: r.scores.ssim if r.scores else None, "{:.4f}", 1),
    ("LPIPS ↓", "perceptual distance, lower is better", lambda r: r.scores.lpips if r.scores else None, "{:.4f}", -1),
)
TITLE = "Network, and what to look for in its picture"
COST: tuple[Column, ...] = (
    ("Seconds", "upscaling alone, here and now", lambda r: r.seconds, "{:.2f}", 0),
    ("Parameters", "numbers learned in training", lambda r: float(r.parameters), "{:,.0f}", 0),
)


def score_table(
    results: Sequence[Result],
    *,
    with_reference: bool,
    failed: Mapping[str, str],
    waiting: Sequence[str] = (),
    training: Callable[[str], object] | None = None,
) -> str:
    """Return HTML of the table, in which a click on a network's name chooses it.

    Args:
        results: what the networks made.
        with_reference: whether there is an original.
        failed: why a checkpoint did not run, by its name.
        waiting: the checkpoints that get an empty row.
        training: a function that returns what a network's card says of its training, or None; without it only networks
            that are known by name get a sentence on what to look for.
    """
    columns = (*QUALITY, *COST) if with_reference else COST
    head = "".join(f'<th scope="col" title="{hint}">{title}</th>' for title, hint, *_ in columns)
    ranks = [_ranks([value(result) for result in results], better) for _, _, value, _, better in columns]
    inks = styles([*(result.name for result in results), *waiting, *failed])

    def head_of(name: str, sharpening: str = "", *, there: bool = False) -> str:
        says = look_for(name, training and training(name)) if training or name in LOOK_FOR else "…"
        can = "" if there else " disabled"
        return (
            f'<th scope="row"><button type="button" data-name="{html.escape(name)}" title="Show at the right"{can}>'
            f"{inks[name].sample()}<span>{label(name, sharpening)}</span></button><p>{html.escape(says)}</p></th>"
        )

    rows = []
    for index, result in enumerate(results):
        cells = []
        for column, rank in zip(columns, ranks, strict=True):
            value = column[2](result)
            text = "n/a" if value is None else column[3].format(value)
            cells.append(f"<td{_MARKS.get(rank[index], '')}>{text}</td>")
        rows.append(f"<tr>{head_of(result.name, sharpened_by(result), there=True)}{''.join(cells)}</tr>")
    for name in waiting:
        rows.append(f"<tr>{head_of(name)}{'<td>…</td>' * len(columns)}</tr>")
    for name, reason in failed.items():
        rows.append(f'<tr>{head_of(name)}<td colspan="{len(columns)}" class="failed">{html.escape(reason)}</td></tr>')
    return (
        f'<div class="scores"><table><thead><tr><th scope="col">{TITLE}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


_MARKS = {0: ' class="best" title="best"', 1: ' class="second" title="second best"'}


def _ranks(values: list[float | None], better: int) -> list[int]:
    """Return 0 for the best value, 1 for the second best, a large number for the rest; equal values share a rank."""
    known = sorted({value for value in values if value is not None}, reverse=better > 0)
    if better == 0 or len(known) < 2:
        return [9] * len(values)
    return [9 if value is None else known.index(value) for value in values]
