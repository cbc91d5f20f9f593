"""A metric over the temperatures of the loss in both readings: Fig. 6 of the paper."""

from collections.abc import Mapping

from matplotlib.figure import Figure

COLOURS = {"t_pos": "#2b5fb4", "t_neg": "#b4322b"}
"""The colours that the paper gives its two curves, blue and red."""


def lpips_over_temperatures(curves: Mapping[str, Mapping[float, float]], printed: float, data: str) -> Figure:
    """Draw LPIPS over t_pos and over t_neg inside the exponents, and the one value of the printed reading.

    Look for slopes: the printed reading cannot have one, since its temperatures have no gradient.

    Args:
        curves: "t_pos" and "t_neg" -> temperature -> LPIPS with that temperature inside, the other one fixed.
        printed: LPIPS with the temperatures where the paper prints them, which is the same for all temperatures.
        data: the name of the benchmark, for the axis.
    """
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.axhline(printed, color="0.4", linestyle="--", linewidth=1.2, label="as printed: the same at all of them")
    for name, points in curves.items():
        axes.plot(list(points), list(points.values()), "o-", color=COLOURS[name], label=f"{name} inside the exponent")
    axes.set_xscale("log", base=2)
    ticks = sorted({temperature for points in curves.values() for temperature in points})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel("temperature")
    axes.set_ylabel(f"LPIPS on {data} (lower is better)")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    return figure
