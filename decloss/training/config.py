"""What a training run is: one frozen dataclass, saved with every run and read by the command line."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """One row of the paper's Table 1: a network and the weights of its loss terms (Eq. 26)."""

    name: str
    """Also the name of the checkpoint it makes."""
    architecture: dict[str, Any]
    """The network's class as "type", and its sizes."""
    l1_weight: float = 1.0
    """Weight of the L1 term (Eq. 24)."""


EDSR_BASELINE = {"type": "EDSR", "features": 64, "blocks": 16, "residual_scale": 1.0}

RECIPES = {"edsr-l1": Recipe("edsr-l1", EDSR_BASELINE)}


@dataclass(frozen=True)
class Schedule:
    """How to train; the defaults are the paper's stage one (§5.1): 200 epochs of 1,000 batches."""

    steps: int = 200_000
    """Optimiser steps in all."""
    batch_size: int = 32
    """Crops a step."""
    crop: int = 48
    """Side of the LR crop in pixels; the HR crop is four times as large (192)."""
    learning_rate: float = 1e-4
    """Peak step size of Adam."""
    warmup: float = 0.025
    """Share of the steps over which the step size rises from zero (the paper's 5 of 200 epochs)."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Adam's decay rates."""
    seed: int = 0
    """Draws the first weights and every crop."""
    precision: str = "auto"
    """"auto" (bfloat16 where the processor has it), "bfloat16" or "float32"."""
    checkpoint_every: int = 500
    """Steps between checkpoints; a killed run loses at most this many."""
    log_every: int = 50
    """Steps between lines of metrics.jsonl."""

    def __post_init__(self) -> None:
        """Refuse impossible values, quoting them."""
        for name in ("steps", "batch_size", "crop", "checkpoint_every", "log_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.learning_rate < 1:
            raise ValueError(f"learning_rate must be between 0 and 1, got {self.learning_rate}")
        if not 0 <= self.warmup < 1:
            raise ValueError(f"warmup must be in [0, 1), got {self.warmup}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")


@dataclass(frozen=True)
class Origin:
    """Where a run starts and what it learns from, for the card."""

    data: str
    """The training photos, in words."""
    init: dict[str, Any] | None = None
    """The card of the checkpoint it starts from; None for random weights."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """The "training" entries of that checkpoint and of those before it, oldest first."""
