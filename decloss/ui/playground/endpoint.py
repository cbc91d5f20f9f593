"""The API's ``playground``: the paper's Fig. 1 as an experiment, trained for some steps."""

import time
from collections.abc import Iterator
from typing import Literal, TypedDict

from decloss.ui.playground.callbacks import PIECE_SECONDS, PIECE_STEPS, read
from decloss.ui.playground.words import DEFAULTS
from decloss.views.toy.measures import cosines, m_between_modes, rms_distance
from decloss.views.toy.problem import icoo_of_all
from decloss.views.toy.training import Run, ToyObjective, advance, start_run


class Playground(TypedDict):
    """What the COO playground shows."""

    steps: int
    """Trained so far; what is asked for in the last answer."""
    loss: float
    """Before the last step."""
    nearest: str
    """The mode that the output is nearest to, or "the mean"."""
    distances: dict[str, float]
    """Root mean square, of the output to each mode, to their mean and to their median."""
    cosines: dict[str, float]
    """S of Eq. (18) between the output and each mode."""
    m_between_modes: list[float]
    """Eq. (20), dB: the least and the greatest between two modes at one place."""
    icoo: float
    """Eq. (11), dB, of the outputs for all pictures."""
    icoo_of_hr: float
    """Of the pictures against themselves."""


def playground(
    kind: Literal["turned", "shifted"] = "turned",
    modes: int = 2,
    first_mode: int = 12,
    noise: float = 0.0,
    start: Literal["bicubic", "mean"] = "bicubic",
    seed: int = 0,
    loss: Literal["MSE", "L1", "DECLoss", "L1 + DECLoss"] = "MSE",
    l1_weight: float = 1.0,
    alpha: float = 1.0,
    eta: float = 12.0,
    patch_size: int = 24,
    temperature: Literal["outside", "inside"] = "outside",
    t_pos: float = 0.5,
    t_neg: float = 1.5,
    learning_rate: float = 0.003,
    steps: int = 300,
) -> Iterator[Playground]:
    """Train a small network where several HR details share one LR (Fig. 1), and tell where its output ends.

    Args:
        kind: how the details (modes) differ, stripes in other directions or moved.
        modes: how many HR details share one LR, 2 to 6.
        first_mode: of the 24 pictures, those that show the first mode; the others share the rest.
        noise: of each picture's LR, in levels of 255, 0 to 4.
        start: where the network begins, without details or at the mean.
        seed: of network and noise, 0 to 99.
        loss: what it is trained with.
        l1_weight: of L1 beside DECLoss, whose own is 1; 0 to 400.
        alpha: height of the frequency mask's Gaussians, 0.25 to 4.
        eta: threshold of M in dB, -20 to 40.
        patch_size: pixels a side of a mini-patch, 8, 12 or 24, which is the whole picture.
        temperature: where temperatures divide, the sums ("outside", as printed) or the exponents ("inside").
        t_pos: temperature of the positives, 0.05 to 8.
        t_neg: temperature of the negatives, 0.05 to 8.
        learning_rate: step size of Adam, 0.0005 to 0.02.
        steps: how many, 10 to 1000.

    Returns:
        outcome: distances and cosines of the output to the modes, the mean and the median, and ICOO.
    """
    given = {
        "kind": kind,
        "modes": modes,
        "share": first_mode,
        "noise": noise,
        "start": start,
        "seed": seed,
        "loss": loss,
        "pixel": l1_weight,
        "alpha": alpha,
        "eta": eta,
        "patch": str(patch_size),
        "reading": temperature,
        "tpos": t_pos,
        "tneg": t_neg,
        "lr": learning_rate,
        "steps": steps,
    }
    problem, objective, count = read(tuple(given[name] for name in DEFAULTS))
    run = start_run(problem)
    while run.step < count:
        until = time.monotonic() + PIECE_SECONDS
        while run.step < count and time.monotonic() < until:
            run = advance(run, objective, min(PIECE_STEPS, count - run.step))
        yield _outcome(run, objective)


def _outcome(run: Run, objective: ToyObjective) -> Playground:
    data, output = run.data, run.output()
    names = [f"mode {k + 1}" for k in range(len(data.modes))]
    to_modes = dict(zip(names, rms_distance(data.modes, output).tolist(), strict=True))
    to_mean, to_median = (rms_distance(image, output).item() for image in (data.mean, data.median))
    closest = min(names, key=to_modes.__getitem__)
    return {
        "steps": run.step,
        "loss": run.history[-1].loss,
        "nearest": closest if to_modes[closest] < to_mean else "the mean",
        "distances": {**to_modes, "mean": to_mean, "median": to_median},
        "cosines": dict(zip(names, cosines(output, data, objective), strict=True)),
        "m_between_modes": list(m_between_modes(data, objective)),
        "icoo": icoo_of_all(run.outputs(), data.hr),
        "icoo_of_hr": data.icoo,
    }
