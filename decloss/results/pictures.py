"""The paper's Fig. 5 and 6, drawn from stored results."""

from matplotlib.figure import Figure

from decloss.figures.correlation import PAPER, icoo_against_lpips, rank_correlation
from decloss.figures.temperatures import lpips_over_temperatures
from decloss.results.stored import Evaluation, Stored
from decloss.training.config import RECIPES
from decloss.zoo.registry import BICUBIC

Points = dict[str, tuple[float, float]]
"""The (ICOO, LPIPS) of each model."""


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
