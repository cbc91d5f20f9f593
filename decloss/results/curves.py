"""PSNR against LPIPS along the weight of each term, from stored short finetunes, and whether DECLoss helps there."""

from dataclasses import dataclass
from statistics import mean
from typing import Any

from decloss.evaluation.equal_psnr import Comparison, Curve, Point, compare_along, compare_sharpened, mean_of, sharpened
from decloss.results.claims import UNDECIDED, equal_psnr_cells
from decloss.results.stored import Stored
from decloss.results.table import Cell, Column, Table

Runs = tuple[tuple[str, str], ...]
"""(Group, run) of benchmarks/experiments.py by a rising weight; the first is without the term."""


@dataclass(frozen=True)
class Term:
    """One term whose weight was varied beside others that stay."""

    start: str
    """The terms that stay, in words."""
    added: str
    """The term that is added to them, in words."""
    option: str
    """The weight's name among the settings of a run."""
    runs: Runs

    @property
    def name(self) -> str:
        """Both in words, as a legend has them."""
        return f"{self.start} → + {self.added}"


def _runs(group: str, *names: str) -> Runs:
    return tuple((group, name) for name in names)


_L1 = _runs("controls", "L1 alone")
DEC = Term("L1", "DECLoss", "dec-weight", _L1 + _runs("controls", "DECLoss 0.1", "DECLoss 0.3", "DECLoss 1"))
VGG = Term(
    "L1", "VGG", "perceptual-weight", _L1 + _runs("colours", "L1 10, VGG", "L1 3, VGG", "L1 1, VGG", "L1 0.1, VGG")
)
VGG_DEC = Term(
    "L1 + VGG",
    "DECLoss",
    "dec-weight",
    _runs("colours", "L1 10, VGG", *(f"L1 10, VGG, DECLoss {weight}" for weight in (1, 3, 5))),
)
RAGAN_DEC = Term(
    "L1 + VGG + RaGAN",
    "DECLoss",
    "dec-weight",
    _runs("along", "L1 10, VGG, RaGAN 0.5", *(f"L1 10, VGG, DECLoss {weight}, RaGAN 0.5" for weight in (1, 3, 5))),
)
ENHANCED = Term(
    "L1",
    "L1 of enhanced images",
    "enhanced-l1-weight",
    _L1 + _runs("controls", "L1 enhanced 10", "L1 enhanced 100"),
)
COSINE = Term("L1", "cosine to its own", "own-cosine-weight", _L1 + _runs("controls", "own cosine 0.1", "own cosine 1"))
WITH_DEC = (DEC, VGG_DEC, RAGAN_DEC)
"""The terms of which the claims are."""
TITLE = "Does DECLoss help, at equal PSNR?"


@dataclass(frozen=True)
class Measured:
    """One run on the curve of a term."""

    weight: float
    """The term's weight by that of L1: only their ratio counts."""
    psnr_y: float
    """The mean over images and seeds, in dB."""
    lpips: float
    """The mean over images and seeds."""
    seeds: tuple[float, ...]
    """LPIPS, the mean over images, of each seed."""
    sharpened: Curve | None
    """Its pictures by the amount of sharpening, image by image; None where they were not kept."""


def measured_along(stored: Stored, term: Term) -> list[Measured]:
    """Return what is stored of the term's runs, by rising weight; runs that are missing are left out."""
    found = []
    for group, name in term.runs:
        run = stored.experiments.get(group, {}).get("runs", {}).get(name)
        if run is not None:
            found.append(_measured(run, term.option))
    return found


def _measured(run: dict[str, Any], option: str) -> Measured:
    settings, scores = run["settings"], run["scores"]
    lpips = tuple(score["lpips"] for score in scores)
    twins = run.get("twins")
    return Measured(
        settings.get(option, 0.0) / settings["l1-weight"],
        mean(score["psnr_y"] for score in scores),
        mean(lpips),
        lpips,
        sharpened(twins) if twins else None,
    )


def weight_words(run: Measured) -> str:
    """Return the weight of a run with two digits after the point at most."""
    return f"{round(run.weight, 2):g}"


def as_trained(runs: list[Measured]) -> list[Point]:
    """Return the points of a term's curve without sharpening, of the runs of which single images were kept."""
    return [run.sharpened[0] for run in runs if run.sharpened]


def curves_table(stored: Stored) -> Table:
    """Return the table of what becomes of "DECLoss lowers LPIPS" along its weight, with intervals over images."""
    rows: list[tuple[Cell, ...]] = []
    for term in WITH_DEC:
        runs = [run for run in measured_along(stored, term) if run.sharpened]
        without = runs[0].sharpened if len(runs) > 1 and runs[0].weight == 0 else None
        if without is None:
            rows.append((_claim(term, f"{term.start}, sharpened"), *(None,) * 4, f"{UNDECIDED}: not measured yet"))
            continue
        curve = as_trained(runs)
        rows.append(_row(_claim(term, f"{term.start}, sharpened"), runs[1:], compare_along(curve, without)))
        if term is DEC:
            other = as_trained(measured_along(stored, VGG))
            rows.append(_row(_claim(term, "L1 + VGG"), runs[1:], compare_along(curve, other)))
        rows.append(_both_sharpened(term, runs[1:], without))
    titles = ("ω₃ / ω₁", "PSNR-Y, dB", "difference", "95 % interval")
    columns = (Column("claim"), *(Column(title, "ours") for title in titles), Column("verdict"))
    return Table(TITLE, _about(stored), columns, tuple(rows))


def _both_sharpened(term: Term, runs: list[Measured], without: Curve) -> tuple[Cell, ...]:
    """Return the row of the mean over those runs whose PSNR the network without DECLoss reaches by sharpening."""
    pairs = [(run, compare_sharpened(run.sharpened, without)) for run in runs if run.sharpened]
    reached = [(run, comparison) for run, comparison in pairs if comparison is not None]
    compared = mean_of([comparison for _, comparison in reached])
    return _row(_claim(term, f"{term.start}, both sharpened"), [run for run, _ in reached], compared)


def _claim(term: Term, other: str) -> str:
    return f"LPIPS of {term.start} + DECLoss is below that of {other}"


def _row(claim: str, runs: list[Measured], found: Comparison | None) -> tuple[Cell, ...]:
    weights = ", ".join(weight_words(run) for run in runs) or None
    return claim, weights, *equal_psnr_cells(found)


def _about(stored: Stored) -> str:
    """Return what the table compares, and on how many photos after how many steps."""
    about = (
        "An unsharp mask lowers LPIPS too, and costs PSNR. So LPIPS is compared at equal PSNR-Y, along the weights of "
        "DECLoss in the second column: first as trained, against the network without it, which is sharpened instead, "
        "and against the one with VGG instead; then with both sharpened, as the mean over the weights. "
    )
    group = stored.experiments.get(DEC.runs[0][0])
    points = as_trained(measured_along(stored, DEC))
    if group and points:
        about += (
            f"Short finetunes from `{group['init']}`: {group['steps']} steps of {group['batch']} crops of "
            f"{group['crop']} × {group['crop']} (LR), ω₂ / ω₁ = 0.1, measured on {len(points[0].lpips)} photos of "
            f"Kodak. "
        )
    return about + "Intervals are over images (10,000 bootstrap resamples), not over seeds."
