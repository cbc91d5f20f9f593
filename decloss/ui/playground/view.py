"""What the page is told of a run of the playground, as numbers: it draws and moves everything itself, with stage.js."""

import base64
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from torch import Tensor

from decloss.figures.toy import Plane, mode_colours
from decloss.models import bicubic_upscale
from decloss.ui.playground.controls import PRESETS, Controls
from decloss.views.toy.measures import cosines, m_between_modes, rms_distance
from decloss.views.toy.problem import PICTURES, Data
from decloss.views.toy.training import Run, ToyObjective

MOMENTS = 100
"""About how many moments of a training the page gets, and of all that came before; it draws what lies between."""


def stage(
    run: Run, controls: Controls, at: int, *, since: int | None = None, last: int | None = None
) -> dict[str, Any]:
    """Return everything that the page shows of ``run``, as JSON.

    Args:
        run: the run, at least as far as the page shows it.
        controls: what is chosen now.
        at: the step at which the page shows the run, or up to which it knows it.
        since: the step from which the training runs that is watched; None if none is.
        last: the step at which that training will end.
    """
    data, history = run.data, run.history
    chosen = _moments(0 if since is None else since, at)
    outputs = [run.output_at(step) for step in chosen]
    tens = [record for record in history[: at + 1] if record.icoo is not None]
    curve = [*tens[: -1 : max(1, -(-len(tens) // MOMENTS))], *tens[-1:]]
    spread = [[record.step, _rounded(record.spread)] for record in tens[-MOMENTS:] if record.spread is not None]
    if at == run.step:
        spread.append([at, _rounded(data.plane.place(run.outputs().numpy()))])
    counts = run.problem.counts
    preset = next((number for number, preset in enumerate(PRESETS.values()) if preset == controls), None)
    return {
        "at": at,
        "since": since,
        "last": last,
        "preset": preset,
        "modes": [
            {"picture": _grey(mode[0].numpy()), "words": f"{counts[k]}/{PICTURES}", "share": counts[k] / PICTURES}
            for k, mode in enumerate(data.modes)
        ],
        "colours": [to_hex(colour) for colour in mode_colours(len(counts))],
        "labels": data.labels.tolist(),
        "lr": _grey(data.lr[0, 0].numpy()),
        "mean": _grey(data.mean[0, 0].numpy()),
        "median": _grey(data.median[0, 0].numpy()),
        "plane": _plane(data),
        "steps": chosen,
        "pictures": [_grey(output[0, 0].numpy()) for output in outputs],
        "path": [_rounded(data.plane.place(output.numpy())[0]) for output in outputs],
        "to_modes": [_rounded(rms_distance(data.modes, output)) for output in outputs],
        "to_mean": [round(rms_distance(data.mean, output).item(), 4) for output in outputs],
        "to_median": [round(rms_distance(data.median, output).item(), 4) for output in outputs],
        "cosines": [_rounded(cosines(output, data, controls.objective)) for output in outputs],
        "loss": [round(history[step].loss, 6) if step < len(history) else None for step in chosen],
        "icoo": [[record.step, round(record.icoo or 0.0, 3)] for record in curve],
        "icoo_hr": round(data.icoo, 3),
        "spread": spread,
        "changes": [b.step for a, b in pairwise(history[: at + 1]) if a.objective != b.objective],
        "cosines_of_mean": _rounded(cosines(data.mean, data, controls.objective)),
        "pairs": _pairs(data, controls.objective),
    }


def _moments(since: int, at: int) -> list[int]:
    """Return the steps of which the page is told: some from 0 to ``since``, and some from there to ``at``."""
    before, after = (max(1, -(-length // MOMENTS)) for length in (since, at - since))
    return sorted({*range(0, since, before), *range(since, at, after), at})


def _plane(data: Data) -> dict[str, Any]:
    plane: Plane = data.plane
    mean, median, plain = (
        plane.place(image.numpy())[0] for image in (data.mean, data.median, bicubic_upscale(data.lr))
    )
    return {
        "modes": _rounded(plane.place(data.modes.numpy())),
        "mean": _rounded(mean),
        "median": _rounded(median),
        "plain": _rounded(plain),
    }


def _pairs(data: Data, objective: ToyObjective) -> str:
    """Return in words whether DECLoss takes two modes for positives."""
    least, most = m_between_modes(data, objective)
    if objective.eta > most:
        pairs = "negatives"
    elif objective.eta <= least:
        pairs = "positives, so one mode to the loss"
    else:
        pairs = "partly positives, partly negatives"
    at = f"at η = {objective.eta:g} dB they are {pairs}."
    return f"Two modes at one place have M from {least:.1f} to {most:.1f} dB: {at}"


def _grey(values: Any) -> str:
    """Return (H, W), clipped to [0, 1], as the bytes of its 8-bit levels, in base64."""
    return base64.b64encode(np.round(np.clip(values, 0, 1) * 255).astype(np.uint8).tobytes()).decode()


def _rounded(values: Sequence[float] | np.ndarray | Tensor) -> Any:
    return np.round(np.asarray(values, dtype=float), 4).tolist()
