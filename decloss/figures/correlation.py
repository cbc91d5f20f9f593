"""Two metrics against each other, with a point for each model: Fig. 5 of the paper."""

from collections.abc import Mapping

import numpy as np
import scipy
from matplotlib.figure import Figure

PAPER = 0.892
"""Spearman's rho of ICOO and LPIPS that the paper reports."""
LEAST = 4
"""The fewest models for which a rank correlation says anything."""


def rank_correlation(points: Mapping[str, tuple[float, float]]) -> float | None:
    """Return Spearman's rho of (ICOO, LPIPS) over models; None for fewer than four."""
    if len(points) < LEAST:
        return None
    first, second = zip(*points.values(), strict=True)
    return float(scipy.stats.spearmanr(first, second).statistic)


def _crowds(first: tuple[float, float], second: tuple[float, float], points: Mapping[str, tuple[float, float]]) -> bool:
    """Return whether a name beside ``first`` would run into ``second``, a point to its right and about as high."""
    width, height = np.ptp(np.asarray(list(points.values()), dtype=float), axis=0)
    return 0 <= second[0] - first[0] < 0.2 * width and abs(second[1] - first[1]) < 0.05 * height


def icoo_against_lpips(
    points: Mapping[str, tuple[float, float]], data: str, between: Mapping[str, tuple[float, float]] | None = None
) -> Figure:
    """Draw (ICOO in dB, LPIPS) of each model with its name; look for a rising band.

    Args:
        points: name -> (ICOO, LPIPS), means over ``data``.
        data: the name of the benchmark, for the title.
        between: the same for unfinished checkpoints, drawn small and without names; they count in the correlation.
    """
    everything = {**(between or {}), **points}
    figure = Figure(figsize=(7, 4.8), layout="constrained")
    axes = figure.add_subplot()
    for group, colour, size in ((between or {}, "#9db8dd", 14), (points, "#2b5fb4", 34)):
        values = np.asarray(list(group.values()), dtype=float).reshape(-1, 2)
        axes.scatter(values[:, 0], values[:, 1], color=colour, s=size, zorder=3, linewidth=0)
    for name, (x, y) in points.items():
        below = any(other != name and _crowds(points[other], (x, y), everything) for other in points)
        axes.annotate(name, (x, y), xytext=(5, -12 if below else 4), textcoords="offset points", fontsize=8)
    rho = rank_correlation(everything)
    shown = "too few models for a rank correlation" if rho is None else f"Spearman's ρ {rho:.3f}"
    axes.set_title(f"{data}, {len(everything)} models: {shown}\n(the paper, on Urban100: {PAPER})", fontsize=10)
    axes.set_xlabel("ICOO, dB (lower is better)")
    axes.set_ylabel("LPIPS (lower is better)")
    axes.margins(0.18)
    axes.grid(alpha=0.3)
    return figure
