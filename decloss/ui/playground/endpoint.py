"""The API's function ``playground``: the paper's Fig. 1 as an experiment, trained for some steps."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from decloss.ui.parts.controls import checked
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.playground.callbacks import PIECE_SECONDS, PIECE_STEPS
from decloss.ui.playground.controls import Controls
from decloss.views.toy.measures import cosines, m_between_modes, rms_distance
from decloss.views.toy.problem import icoo_of_all
from decloss.views.toy.training import Run, ToyObjective, advance, start_run


class Playground(TypedDict):
    """What the COO playground shows of a run."""

    steps: int
    """The steps trained so far; in the last answer, all that were asked for."""
    loss: float
    """The loss before the last step."""
    nearest: str
    """The mode that the output is nearest to, or "the mean" or "the median"."""
    distances: dict[str, float]
    """The root mean square distances from the output to each mode, to their mean and to their median."""
    cosines: dict[str, float]
    """S of Eq. (18) between the output and each mode."""
    m_between_modes: list[float]
    """The least and the greatest M of Eq. (20) in dB between two modes at one place."""
    icoo: float
    """The ICOO of the outputs for all pictures in dB, Eq. (11)."""
    icoo_of_hr: float
    """The ICOO of the pictures against themselves in dB."""


@with_parameters(Controls)
def playground(sent: Mapping[str, Any]) -> Iterator[Playground]:
    """Train a small network where several HR details share one LR (Fig. 1), and tell where its output ends.

    Args:
        {controls}

    Returns:
        outcome: distances and cosines of the output to the modes, the mean and the median, and ICOO.
    """
    controls = checked(Controls, **{**sent, "patch_size": str(sent["patch_size"])})
    objective = controls.objective
    run = start_run(controls.problem)
    while run.step < controls.steps:
        until = time.monotonic() + PIECE_SECONDS
        while run.step < controls.steps and time.monotonic() < until:
            run = advance(run, objective, min(PIECE_STEPS, controls.steps - run.step))
        yield _outcome(run, objective)


def _outcome(run: Run, objective: ToyObjective) -> Playground:
    data, output = run.data, run.output()
    names = [f"mode {k + 1}" for k in range(len(data.modes))]
    to_modes = dict(zip(names, rms_distance(data.modes, output).tolist(), strict=True))
    to_mean, to_median = (rms_distance(image, output).item() for image in (data.mean, data.median))
    closest = min(names, key=to_modes.__getitem__)
    middle = "the median" if to_median < to_mean else "the mean"
    return {
        "steps": run.step,
        "loss": run.history[-1].loss,
        "nearest": closest if to_modes[closest] <= min(to_mean, to_median) else middle,
        "distances": {**to_modes, "mean": to_mean, "median": to_median},
        "cosines": dict(zip(names, cosines(output, data, objective), strict=True)),
        "m_between_modes": list(m_between_modes(data, objective)),
        "icoo": icoo_of_all(run.outputs(), data.hr),
        "icoo_of_hr": data.icoo,
    }
