"""The paper's Fig. 5 and 6, and the curves along the weights, drawn from stored results."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from decloss.evaluation.equal_psnr import Curve, sharpened
from decloss.figures.along_weights import DECLOSS, SECOND, THIRD, Line, Panel, Sharpened, Style, lpips_against_psnr
from decloss.figures.correlation import PAPER, icoo_against_lpips, rank_correlation
from decloss.figures.temperatures import lpips_over_temperatures
from decloss.results.curves import (
    COSINE,
    DEC,
    ENHANCED,
    RAGAN_DEC,
    VGG,
    VGG_DEC,
    WITH_DEC,
    Term,
    measured_along,
    weight_words,
)
from decloss.results.stored import Evaluation, Stored
from decloss.training.config import RECIPES
from decloss.zoo.registry import BICUBIC

Points = dict[str, tuple[float, float]]
"""The (ICOO, LPIPS) of each model."""
LOWEST_OF_CONTROLS = 27.9
"""The PSNR, in dB, at which the controls' panel ends: none of them costs more."""
LOWEST_BESIDE_VGG = 27.6
"""The same of the panel beside VGG, where no line costs more, but sharpening does."""
LOOK_FOR = (
    "Look for lines below the grey ones. Down looks more alike, right is truer to each pixel. Grey costs no further "
    "training: it is the network without the term, its pictures sharpened more and more. Numbers: the term's weight "
    "divided by that of L1. Bars: two seeds; beside RaGAN there is one."
)
"""What the curves show, in words."""


def figure_5(evaluation: Evaluation) -> tuple[Figure, str]:
    """Draw ICOO against LPIPS; return the figure and the sentences that go with it."""
    named: Points = {}
    between: Points = {}
    for model in evaluation.rows:
        icoo, lpips = evaluation.mean(model, "icoo"), evaluation.mean(model, "lpips")
        if icoo is not None and lpips is not None:
            (named if model in RECIPES or model == BICUBIC else between)[model] = (icoo, lpips)
    rho = rank_correlation({**between, **named})
    text = f"Each point is one model on {evaluation.data}: large ones are checkpoints, small ones on the way there. "
    if rho is None:
        text += "There are too few for a rank correlation yet."
    else:
        text += (
            f"Spearman's ρ is {rho:.3f} over {len(named) + len(between)} models; the paper reports {PAPER} over 20 on "
            f"Urban100. Ours are not independent of each other: they come from the same few starting points."
        )
    return icoo_against_lpips(named, evaluation.data, between), text


def temperature_curves(stored: Stored) -> tuple[dict[str, dict[float, float]], float]:
    """Return LPIPS after short finetunes by temperature inside the exponents, and its value in the printed reading."""
    runs = stored.experiments["temperatures"]["runs"]
    curves: dict[str, dict[float, float]] = {"t_pos": {}, "t_neg": {}}
    for name, run in runs.items():
        reading, t_pos, t_neg = name.split(", ")
        lpips = run["scores"][0]["lpips"]
        if reading == "inside" and t_neg == "1.5":
            curves["t_pos"][float(t_pos)] = lpips
        if reading == "inside" and t_pos == "0.5":
            curves["t_neg"][float(t_neg)] = lpips
    rising = {name: dict(sorted(points.items())) for name, points in curves.items()}
    return rising, runs["printed, 0.5, 1.5"]["scores"][0]["lpips"]


def figure_6(stored: Stored) -> tuple[Figure, str]:
    """Draw LPIPS over the temperatures in both readings; return the figure and why the printed one is flat."""
    group = stored.experiments["temperatures"]
    printed = {name: run for name, run in group["runs"].items() if name.startswith("printed")}
    digests = {run["weights"][0] for run in printed.values()}
    same = "end at the same weights, bit for bit" if len(digests) == 1 else "do not end at the same weights"
    settings = " and ".join(name.removeprefix("printed, ").replace(", ", " / ") for name in printed)
    text = (
        f"Short finetunes from `{group['init']}`: {group['steps']} steps of {group['batch']} crops of "
        f"{group['crop']} × {group['crop']} (LR), measured on Kodak, one seed. Printed, the temperatures divide the "
        f"sums Q_pos and Q_neg: they add log(t_pos / t_neg) to the loss and have no gradient, so the curve is flat: "
        f"runs with {settings} {same}. Inside the exponents, as in SimCLR, they have one."
    )
    curves, value = temperature_curves(stored)
    return lpips_over_temperatures(curves, value, "Kodak"), text


def curve_panels(stored: Stored) -> list[Panel]:
    """Return what is drawn along the weights, beside L1, beside VGG, and the controls; none without any points."""
    l1, vgg = _dashed(stored, None), [*_dashed(stored, VGG_DEC), *_dashed(stored, RAGAN_DEC, (1.5, 1.5))]
    wanted = (
        ("Beside L1", {DEC: DECLOSS, VGG: SECOND}, l1, None),
        ("Beside L1 and VGG", {VGG_DEC: DECLOSS, RAGAN_DEC: SECOND}, vgg, LOWEST_BESIDE_VGG),
        ("Controls beside L1", {DEC: DECLOSS, ENHANCED: SECOND, COSINE: THIRD}, l1, LOWEST_OF_CONTROLS),
    )
    found = ((title, _lines(stored, terms), twins, lowest) for title, terms, twins, lowest in wanted)
    return [Panel(title, lines, twins, lowest) for title, lines, twins, lowest in found if lines]


def figure_curves(panels: Sequence[Panel]) -> Figure:
    """Draw panels of the curves beside each other."""
    return lpips_against_psnr(panels, "Kodak")


def _lines(stored: Stored, terms: dict[Term, Style]) -> list[Line]:
    """Return a line for each term of which at least two runs are stored."""
    lines = []
    for term, style in terms.items():
        runs = measured_along(stored, term)
        if len(runs) > 1:
            weights = [weight_words(run) if run.weight else "" for run in runs]
            spread = [(min(run.seeds), max(run.seeds)) for run in runs]
            psnr_y, lpips = [run.psnr_y for run in runs], [run.lpips for run in runs]
            twins = [_means(run.sharpened) for run in runs if run.sharpened and run.weight and term in WITH_DEC]
            lines.append(Line(term.name, style, psnr_y, lpips, weights, spread, twins))
    return lines


def _dashed(stored: Stored, term: Term | None, dashes: tuple[float, ...] = (4, 2)) -> list[Sharpened]:
    """Return the curve of sharpening what the term is added to, or the checkpoint that all runs start from."""
    curve: Curve | None = None
    if term is None:
        label = "sharpening alone, no training"
        groups = [stored.experiments.get(runs[0][0], {}) for runs in (RAGAN_DEC.runs, DEC.runs)]
        if kept := [group["twins"] for group in groups if "twins" in group]:
            curve = sharpened(kept[0])
    else:
        label = f"{term.start}, sharpened"
        runs = measured_along(stored, term)
        if runs and not runs[0].weight:
            curve = runs[0].sharpened
    if curve is None:
        return []
    return [Sharpened(label, *_means(curve), dashes)]


def _means(curve: Curve) -> tuple[list[float], list[float]]:
    return [point.level for point in curve], [point.mean_lpips for point in curve]
