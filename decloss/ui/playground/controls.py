"""The controls of the COO playground, each declared once, and what their values mean for a run."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from decloss.ui.parts.controls import Choice, Slider
from decloss.views.toy.problem import MEAN, MODES, PICTURES, PLAIN, SHIFTED, SIDE, TURNED, Problem
from decloss.views.toy.training import PATCH_SIZES, TOY_LOSSES, ToyObjective

LOSS, TRAINING, DETAILS = "loss", "training", "details"
"""The sections of the tab."""


@dataclass(frozen=True)
class Controls:
    """The values of the page and of the API, in the API's order; the sections stand below each other in the page."""

    kind: Annotated[
        Literal["turned", "shifted"],
        Choice("Modes are stripes", (TURNED, SHIFTED), info="In other directions, or moved.",
               name="The kind of modes", section=DETAILS),
        "how the details (modes) differ, stripes in other directions or moved.",
    ] = "turned"  # fmt: skip
    modes: Annotated[
        int,
        Slider("Modes", *MODES, 1, info="A mode is one of the HR details that share one LR.",
               name="The number of modes", section=DETAILS, whole=True),
        "how many HR details share one LR, {range}.",
    ] = 2  # fmt: skip
    first_mode: Annotated[
        int,
        Slider("Pictures of mode 1", 1, PICTURES - 1, 1, info="Of 24; the other modes share the rest.",
               name="The pictures of the first mode", key="share", section=DETAILS, whole=True),
        "of the 24 pictures, those that show the first mode; the others share the rest, at least one each.",
    ] = 12  # fmt: skip
    noise: Annotated[
        float,
        Slider("Noise of LR, levels", 0, 4, 0.25, info="Drawn once for each picture, as in a training set: it lets the "
               "network tell pictures apart.", name="The noise", section=DETAILS),
        "of each picture's LR, in levels of 255, {range}.",
    ] = 0.0  # fmt: skip
    start: Annotated[
        Literal["bicubic", "mean"],
        Choice("Start", (PLAIN, MEAN), info="Without details, or where MSE ends.", name="The start",
               section=DETAILS),
        "where the network begins, without details or at the mean.",
    ] = "bicubic"  # fmt: skip
    seed: Annotated[
        int,
        Slider("Seed", 0, 99, 1, info="Of network and noise.", name="The seed", section=DETAILS, whole=True),
        "of network and noise, {range}.",
    ] = 0
    loss: Annotated[
        Literal["MSE", "L1", "DECLoss", "L1 + DECLoss"],
        Choice("Loss", TOY_LOSSES, info="Changed during a run, it goes on from there: MSE first, then DECLoss.",
               name="The loss", section=LOSS),
        "what it is trained with.",
    ] = "MSE"  # fmt: skip
    l1_weight: Annotated[
        float,
        Slider("Weight of L1", 0, 400, 1, info="In L1 + DECLoss, whose own is 1. Eq. (26): 333.",
               name="The weight of L1", key="pixel", section=TRAINING),
        "of L1 beside DECLoss, whose own is 1; {range}.",
    ] = 1.0  # fmt: skip
    alpha: Annotated[
        float,
        Slider("α", 0.25, 4, 0.05, info="One knob with η: only η + 40 log₁₀ α matters.", section=TRAINING),
        "height of the frequency mask's Gaussians, {range}.",
    ] = 1.0
    eta: Annotated[
        float,
        Slider("η, dB", -20, 40, 0.5, info="Mini-patches of HR with M ≥ η are positives.", name="η",
               section=TRAINING),
        "threshold of M in dB, {range}.",
    ] = 12.0  # fmt: skip
    patch_size: Annotated[
        int,
        Choice("Mini-patch P, pixels", tuple(map(str, PATCH_SIZES)),
               info="A mini-patch is the square that the loss compares. 24: one a picture. 8: nine.",
               name="The mini-patch", key="patch", section=TRAINING, convert=int),
        "pixels a side of a mini-patch, 8, 12 or 24, which is the whole picture.",
    ] = SIDE  # fmt: skip
    temperature: Annotated[
        Literal["outside", "inside"],
        Choice("Temperatures", ("outside", "inside"), info="Outside the exponent, as printed, or inside.",
               name="The temperatures", key="reading", section=TRAINING),
        'where temperatures divide, the sums ("outside", as printed) or the exponents ("inside").',
    ] = "outside"  # fmt: skip
    t_pos: Annotated[
        float,
        Slider("t_pos", 0.05, 8, 0.05, info="The temperature of positives. Outside it moves the curve, not the output.",
               key="tpos", section=TRAINING),
        "temperature of the positives, {range}.",
    ] = 0.5  # fmt: skip
    t_neg: Annotated[
        float,
        Slider("t_neg", 0.05, 8, 0.05, info="The same, of negatives.", key="tneg", section=TRAINING),
        "temperature of the negatives, {range}.",
    ] = 1.5
    learning_rate: Annotated[
        float,
        Slider("Step size", 0.0005, 0.02, 0.0005, info="Of Adam.", name="The step size", key="lr", section=TRAINING),
        "step size of Adam, {range}.",
    ] = 0.003
    steps: Annotated[
        int,
        Slider("Steps", 10, 1000, 10, info="That Play trains.", name="The number of steps", section=TRAINING,
               whole=True),
        "how many, {range}.",
    ] = 300  # fmt: skip

    @property
    def problem(self) -> Problem:
        """The problem that is to be learnt; every mode keeps a picture, however many are asked for of the first."""
        first = min(self.first_mode, PICTURES + 1 - self.modes)
        return Problem(self.kind, self.modes, first, self.noise, self.start, self.seed)

    @property
    def objective(self) -> ToyObjective:
        """The loss and the settings that the network is trained with."""
        temperatures = (self.temperature, self.t_pos, self.t_neg)
        weights = (self.l1_weight, self.alpha, self.eta)
        return ToyObjective(self.loss, *weights, *temperatures, self.patch_size, self.learning_rate)


FIRST_STEPS = 80
"""The steps that the page shows first: enough for MSE, which the first preset is trained with."""
FROM_THE_MEAN = Controls(loss="DECLoss", start="mean")
PRESETS = {
    "MSE: the mean": Controls(steps=FIRST_STEPS),
    "L1: the median": Controls(loss="L1", modes=3, first_mode=8, steps=150),
    "DECLoss, two equal modes": FROM_THE_MEAN,
    "DECLoss, unequal modes": replace(FROM_THE_MEAN, first_mode=16),
    "DECLoss, three equal modes": replace(FROM_THE_MEAN, modes=3, first_mode=8),
    "Printed temperatures": replace(FROM_THE_MEAN, t_pos=0.3),
    "Inside, 0.5 and 1.5": Controls(loss="DECLoss", temperature="inside"),
    "Inside, 0.3 and 1.5": replace(FROM_THE_MEAN, temperature="inside", t_pos=0.3, steps=120),
    "Nine mini-patches": replace(FROM_THE_MEAN, loss="L1 + DECLoss", l1_weight=10.0, patch_size=8),
    "All positive": replace(FROM_THE_MEAN, eta=-20.0),
    "Noise: LR told apart": Controls(noise=2.0),
}
"""The values that a button sets, by the button's title; each of them starts a new run."""
