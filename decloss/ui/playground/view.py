"""What the page shows of a run of the playground: pictures, figures and numbers."""

from itertools import pairwise
from typing import Any

import numpy as np

from decloss.figures import toy as figures
from decloss.figures.spectrum import figure_pixels
from decloss.models import bicubic_upscale
from decloss.views.toy.measures import cosines, m_between_modes, rms_distance
from decloss.views.toy.problem import PICTURES
from decloss.views.toy.training import Run, ToyObjective


def draw_run(run: Run, objective: ToyObjective, note: str) -> tuple[Any, ...]:
    """Return the modes, the output, the mean, the median, the plane, the curves, and the numbers below ``note``."""
    data = run.data
    counts = run.problem.counts
    gallery = [(figures.grey_picture(data.lr[0, 0].numpy(), 4 * figures.PIXEL), "LR of all")]
    gallery += [
        (figures.grey_picture(mode[0].numpy()), f"mode {k + 1} · {counts[k]}/{PICTURES}")
        for k, mode in enumerate(data.modes)
    ]
    pictures = [figures.grey_picture(image[0, 0].numpy()) for image in (run.output(), data.mean, data.median)]
    return (
        gallery,
        *pictures,
        figure_pixels(_plane(run)),
        figure_pixels(_curves(run)),
        f"{note}\n\n{_numbers(run, objective)}",
    )


def _plane(run: Run) -> Any:
    data, counts = run.data, np.asarray(run.problem.counts)
    modes, plain = data.modes.numpy(), bicubic_upscale(data.lr).numpy()
    plane = figures.plane_through(np.concatenate([modes, plain]))
    path = np.concatenate([*(record.output.numpy() for record in run.history), run.output().numpy()])
    mean, median, bicubic = (plane.place(image)[0] for image in (data.mean.numpy(), data.median.numpy(), plain))
    outputs = plane.place(run.outputs().numpy())
    labels = data.labels.numpy()
    shares = counts / counts.sum()
    return figures.plane_figure(plane.place(modes), shares, mean, median, bicubic, plane.place(path), outputs, labels)


def _curves(run: Run) -> Any:
    data, history = run.data, run.history
    output = [record.output for record in history]
    measured = [(record.step, record.icoo) for record in history if record.icoo is not None]
    steps, scores = np.array(measured, dtype=float).reshape(-1, 2).T
    return figures.curves_figure(
        loss=np.array([record.loss for record in history]),
        to_modes=np.array([rms_distance(data.modes, x).numpy() for x in output]).reshape(-1, len(data.modes)),
        to_mean=np.array([rms_distance(data.mean, x).item() for x in output]),
        icoo_steps=steps,
        icoo=scores,
        icoo_hr=data.icoo,
        changes=np.array([b.step for a, b in pairwise(history) if a.objective != b.objective]),
    )


def _numbers(run: Run, objective: ToyObjective) -> str:
    """Return Markdown of the output's distances and of what DECLoss sees, in words and as a table."""
    data, output = run.data, run.output()
    to_modes = rms_distance(data.modes, output).tolist()
    least, most = m_between_modes(data, objective)
    to_mean, to_median = (rms_distance(x, output).item() for x in (data.mean, data.median))
    nearest = f"mode {to_modes.index(min(to_modes)) + 1}" if min(to_modes) < to_mean else "the mean"
    if objective.eta > most:
        pairs = "negatives"
    elif objective.eta <= least:
        pairs = "positives, so one mode to the loss"
    else:
        pairs = "partly positives, partly negatives"
    names = [*(f"mode {k + 1}" for k in range(len(to_modes))), "mean", "median"]
    rows = {
        "RMS distance of output": [*to_modes, to_mean, to_median],
        "cosine S of output": cosines(output, data, objective),
        "cosine S of mean": cosines(data.mean, data, objective),
    }
    lines = [f"| | {' | '.join(names)} |", f"|:-{'|--:' * len(names)}|"]
    for title, values in rows.items():
        cells = [f"{value:.3f}" for value in values] + [""] * (len(names) - len(values))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    text = (
        f"The output is nearest to **{nearest}**. Two modes at one place have M from {least:.1f} to {most:.1f} dB: at "
        f"η = {objective.eta:g} dB they are **{pairs}**."
    )
    return text + "\n\n" + "\n".join(lines)
