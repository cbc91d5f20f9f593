"""What the paper claims of its loss, and whether our checkpoints show it, as paired differences with intervals."""

from decloss.evaluation.equal_psnr import Comparison
from decloss.evaluation.intervals import Difference, paired_difference
from decloss.results.stored import Evaluation
from decloss.results.table import Cell, Column, Table

HOLDS, FAILS, UNDECIDED = "holds", "does not hold", "undecided"
PAIRS = (
    ("edsr-l1-dec", "edsr-l1"),
    ("edsr-l1-vgg-dec", "edsr-l1-vgg"),
    ("edsr-l1-vgg-dec-ragan", "edsr-l1-vgg-ragan"),
    ("rrdb-l1-vgg-dec-ragan", "rrdb-l1-vgg-ragan"),
)
"""Pairs of rows of Table 1 that differ in DECLoss alone; the first of each pair has it."""
METRICS = {"lpips": ("LPIPS", 4), "icoo": ("ICOO", 2)}
"""The title and the digits of each metric; both metrics are better when lower."""


def claims_table(evaluation: Evaluation) -> Table:
    """Return the table that tests for each pair, in each metric, whether the first has a lower score than the second.

    A claim holds if the paired 95 % interval of first minus second is below zero, fails if it is above, and is
    otherwise, or with fewer than five images, undecided.
    """
    rows: list[tuple[Cell, ...]] = []
    for metric, (title, digits) in METRICS.items():
        for first, second in PAIRS:
            words = f"{title} of `{first}` is below that of `{second}`"
            measured = None
            if first in evaluation.rows and second in evaluation.rows:
                own, other = ([row[metric] for row in evaluation.rows[name]] for name in (first, second))
                measured = paired_difference(own, other)
            if measured is None:
                rows.append((words, None, None, f"{UNDECIDED}: not both are trained yet"))
                continue
            rows.append((words, *claim_cells(measured, digits)))
    about = (
        f"The paper's ordering as paired differences over the {evaluation.images} images of {evaluation.data}: mean "
        f"and 95 % interval (10,000 bootstrap resamples). A claim holds, or does not, where the interval leaves out 0."
    )
    columns = (Column("claim"), Column("difference", "ours"), Column("95 % interval", "ours"), Column("verdict"))
    return Table(f"Does DECLoss do what the paper says? On {evaluation.data}", about, columns, tuple(rows))


def claim_cells(measured: Difference, digits: int) -> tuple[str, str, str]:
    """Return a difference that should be below zero, its interval and its verdict, as a table of claims shows them."""
    verdict = UNDECIDED if not measured.shown else HOLDS if measured.mean < 0 else FAILS
    interval = f"{measured.low:+.{digits}f} .. {measured.high:+.{digits}f}"
    return f"{measured.mean:+.{digits}f}", interval, verdict


def equal_psnr_cells(found: Comparison | None) -> tuple[Cell, ...]:
    """Return where two networks were compared, and ``claim_cells`` of their LPIPS; all but the verdict may be empty."""
    if found is None:
        return None, None, None, f"{UNDECIDED}: no common PSNR"
    levels = f"{found.lowest:.2f}"
    if f"{found.highest:.2f}" != levels:
        levels += f" .. {found.highest:.2f}"
    return levels, *claim_cells(found.difference, 4)
