"""What the paper claims of its loss, and whether our checkpoints show it: paired differences with intervals."""

from dataclasses import dataclass

from decloss.evaluation.intervals import paired_difference
from decloss.results.stored import Evaluation
from decloss.results.table import Cell, Column, Table

HOLDS, FAILS, UNDECIDED = "holds", "does not hold", "undecided"
PAIRS = (
    ("edsr-l1-dec", "edsr-l1"),
    ("edsr-l1-vgg-dec", "edsr-l1-vgg"),
    ("edsr-l1-vgg-dec-ragan", "edsr-l1-vgg-ragan"),
    ("rrdb-l1-vgg-dec-ragan", "rrdb-l1-vgg-ragan"),
)
"""The rows of Table 1 that differ in DECLoss alone: the first has it."""
METRICS = {"lpips": ("LPIPS", 4), "icoo": ("ICOO", 2)}
"""Both are better when lower."""


@dataclass(frozen=True)
class Claim:
    """That the first has a lower score than the second, on one benchmark."""

    first: str
    second: str
    metric: str
    """A key of ``METRICS``."""
    difference: float | None
    """First minus second, mean over images; None where one of them was not measured."""
    interval: tuple[float, float] | None
    """95 %, paired bootstrap over images."""

    @property
    def verdict(self) -> str:
        """Holds or not, if the interval leaves out zero; undecided otherwise."""
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return UNDECIDED
        return HOLDS if self.interval[1] < 0 else FAILS


def claims(evaluation: Evaluation) -> list[Claim]:
    """Each pair in each metric, in the order of Table 1."""
    return [_claim(evaluation, first, second, metric) for metric in METRICS for first, second in PAIRS]


def claims_table(evaluation: Evaluation) -> Table:
    """The claims with their verdicts."""
    rows: list[tuple[Cell, ...]] = []
    for claim in claims(evaluation):
        title, digits = METRICS[claim.metric]
        words = f"{title} of `{claim.first}` is below that of `{claim.second}`"
        if claim.difference is None or claim.interval is None:
            rows.append((words, None, None, f"{UNDECIDED}: not both are trained yet"))
            continue
        low, high = claim.interval
        rows.append(
            (words, f"{claim.difference:+.{digits}f}", f"{low:+.{digits}f} .. {high:+.{digits}f}", claim.verdict)
        )
    about = (
        f"The paper's ordering as paired differences over the {evaluation.images} images of {evaluation.data}: mean "
        f"and 95 % interval (10,000 bootstrap resamples). A claim holds, or does not, where the interval leaves out 0."
    )
    columns = (Column("claim"), Column("difference", "ours"), Column("95 % interval", "ours"), Column("verdict"))
    return Table(f"Does DECLoss do what the paper says? On {evaluation.data}", about, columns, tuple(rows))


def _claim(evaluation: Evaluation, first: str, second: str, metric: str) -> Claim:
    measured = None
    if first in evaluation.rows and second in evaluation.rows:
        own, other = ([row[metric] for row in evaluation.rows[name]] for name in (first, second))
        measured = paired_difference(own, other)
    if measured is None:
        return Claim(first, second, metric, None, None)
    mean, low, high = measured
    return Claim(first, second, metric, mean, (low, high))
