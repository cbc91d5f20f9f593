"""What a training run is: frozen dataclasses, saved with every run and read by the command line."""

import math
from dataclasses import dataclass, field
from typing import Any

from decloss.losses import LossSettings
from decloss.zoo.registry import TABLE_1_NAMES


@dataclass(frozen=True)
class Schedule:
    """How to train; the defaults are the paper's stage one (§5.1): 200 epochs of 1,000 batches."""

    steps: int = 200_000
    """Optimiser steps in all."""
    batch_size: int = 32
    """Crops a step, over all processes."""
    crop: int = 48
    """Side of the LR crop in pixels; the HR crop is four times as large (192)."""
    learning_rate: float = 1e-4
    """Peak step size of Adam."""
    warmup: float = 0.025
    """Share of the steps over which the step size rises from zero (the paper's 5 of 200 epochs)."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Adam's decay rates."""
    clip_norm: float = 0.0
    """Gradients longer than this are shortened to it; 0 leaves them alone."""
    ema: float = 0.0
    """If above 0, the checkpoint holds the exponential moving average of the weights with this decay, such as 0.999."""
    seed: int = 0
    """Draws the first weights and every crop."""
    precision: str = "auto"
    """"auto" (bfloat16 where the processor has it), "bfloat16" or "float32"."""
    compile: bool = False
    """Compile the network with torch.compile: pays on GPUs only."""
    checkpoint_every: int = 500
    """Steps between checkpoints; a killed run loses at most this many."""
    snapshot_every: int = 0
    """Steps between checkpoints that are kept, in half precision, as snapshots/NAME-STEP; 0 keeps only the last one."""
    log_every: int = 50
    """Steps between lines of metrics.jsonl."""
    validate_every: int = 1000
    """Steps between validations and sample pictures."""

    def __post_init__(self) -> None:
        """Raise a ``ValueError`` for impossible values, quoting them."""
        for name in ("steps", "batch_size", "crop", "checkpoint_every", "log_every", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.learning_rate < 1:
            raise ValueError(f"learning_rate must be between 0 and 1, got {self.learning_rate}")
        for name in ("warmup", "ema"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if not 0 <= self.clip_norm < math.inf:
            raise ValueError(f"clip_norm must be finite and not negative, got {self.clip_norm}")
        for name in ("seed", "snapshot_every"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")


@dataclass(frozen=True)
class Recipe:
    """One row of the paper's Table 1: a network, the terms of its loss (Eq. 26), and how it is trained."""

    name: str
    """The name of the recipe, and of the checkpoint that it makes."""
    architecture: dict[str, Any]
    """The network's class as "type", and its sizes."""
    losses: LossSettings = field(default_factory=LossSettings)
    schedule: Schedule = field(default_factory=Schedule)
    init: str = "none"
    """The checkpoint of stage one that stage two starts from; "none" for random weights."""


EDSR_BASELINE = {"type": "EDSR", "features": 64, "blocks": 16, "residual_scale": 1.0}
RRDB_6B = {"type": "RRDBNet", "features": 64, "blocks": 6, "growth": 32}
STAGE_TWO = Schedule(learning_rate=2e-5, warmup=0.0)
"""The schedule of stage two. The paper says no length for it, so it is as long as stage one."""


L1_WEIGHT, L1_WEIGHT_BESIDE_VGG = 1e-2, 10.0
"""omega_1, without and with the perceptual term, where the paper's 1e-2 cannot hold colours (docs/experiments.md)."""
DEC_WEIGHT, DEC_WEIGHT_BESIDE_VGG = 1e-3, 1.0
"""omega_3 likewise, from short finetunes (docs/experiments.md); the paper's 3e-5 does nothing beside means."""
ADVERSARIAL_WEIGHT = 0.5
"""The adversary's weight; the paper prints none, and beside VGG-16's relu2_2 ESRGAN's 5e-3 has hardly a gradient."""


def _recipe(name: str) -> Recipe:
    """Return the recipe of a row: stage one, or stage two from the L1 checkpoint of its network.

    Stage two has the paper's weights where they work, ours where they do not.
    """
    network, _, *terms = name.split("-")
    architecture = {"edsr": EDSR_BASELINE, "rrdb": RRDB_6B}[network]
    if not terms:
        return Recipe(name, architecture)
    adversarial = next((term for term in terms if term in ("gan", "ragan")), "none")
    l1_weight, dec_weight = L1_WEIGHT, DEC_WEIGHT
    if "vgg" in terms:
        l1_weight, dec_weight = L1_WEIGHT_BESIDE_VGG, DEC_WEIGHT_BESIDE_VGG
    losses = LossSettings(
        l1_weight=l1_weight,
        perceptual_weight=1.0 if "vgg" in terms else 0.0,
        dec_weight=dec_weight if "dec" in terms else 0.0,
        positive_share=0.01,
        temperature="inside",
        adversarial_weight=ADVERSARIAL_WEIGHT if adversarial != "none" else 0.0,
        adversarial=adversarial,  # type: ignore[arg-type]  # one of the three
    )
    return Recipe(name, architecture, losses, STAGE_TWO, f"{network}-l1")


TABLE_1 = {name: _recipe(name) for name in TABLE_1_NAMES}
"""The recipes of the ten rows of the paper's Table 1, in its order."""
RECIPES = {**TABLE_1, "rrdb-l1": Recipe("rrdb-l1", RRDB_6B)}
"""All recipes: those ten, and stage one of RRDB, from which three of them start."""


@dataclass(frozen=True)
class Origin:
    """Where a run starts and what it learns from, for the card."""

    data: str
    """The training photos, in words."""
    init: dict[str, Any] | None = None
    """The card of the checkpoint it starts from; None for random weights."""
