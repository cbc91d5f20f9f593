"""The settings of a background finetune: start, loss and schedule. They are stored with it, or become a command."""

import shlex
from dataclasses import asdict, dataclass, field
from typing import Any

from decloss.losses import LossSettings
from decloss.training.config import RECIPES, Recipe, Schedule
from decloss.zoo.checkpoint import Card

STEPS = (1, 2000)
BATCHES = (1, 16)
CROPS = (16, 48)
"""The smallest and the largest side of the LR crop; the HR crop is four times as large."""
LEARNING_RATES = (1e-6, 1e-3)
MOST_VALIDATIONS = 10
"""The most validations in a run, each with a picture; that of step 0 comes before them."""


@dataclass(frozen=True)
class JobSettings:
    """The settings of a short finetune."""

    start: str
    """The checkpoint to start from."""
    losses: LossSettings = field(default_factory=LossSettings)
    """The terms of Eq. (26)."""
    learning_rate: float = 1e-4
    """The peak step size of Adam."""
    steps: int = 200
    """The number of optimiser steps in all."""
    batch_size: int = 4
    """The number of crops in a step."""
    crop: int = 32
    """The side of the LR crop in pixels."""
    own_photos: bool = False
    """Whether to train on the visitor's photos instead of the built-in ones."""
    seed: int = 0
    """The seed by which the crops are drawn."""

    def __post_init__(self) -> None:
        """Raise a ``ValueError`` for what a public machine cannot afford, quoting it."""
        limits = {"steps": STEPS, "batch_size": BATCHES, "crop": CROPS, "learning_rate": LEARNING_RATES}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low:g} to {high:g}, got {getattr(self, name):g}")
        side = 4 * self.crop
        if self.losses.dec_weight and side % self.losses.patch_size:
            raise ValueError(
                f"mini-patches of {self.losses.patch_size} do not divide crops of {side} x {side}; "
                f"choose another crop or another P"
            )

    @property
    def schedule(self) -> Schedule:
        """The schedule: every step is logged, samples are few, and checkpoints so frequent that a kill costs little."""
        return Schedule(
            steps=self.steps,
            batch_size=self.batch_size,
            crop=self.crop,
            learning_rate=self.learning_rate,
            warmup=0.0,
            seed=self.seed,
            checkpoint_every=20,
            log_every=1,
            validate_every=max(10, -(-self.steps // MOST_VALIDATIONS)),
        )

    def recipe(self, name: str, init: str, architecture: dict[str, Any]) -> Recipe:
        """Return the recipe that the trainer runs: ``init`` is a name or a file, ``architecture`` is from its card."""
        return Recipe(name, architecture, self.losses, self.schedule, init)

    def command(self, card: Card) -> str:
        """Return the line that does the same run in a terminal; ``card`` is that of ``start``.

        Raises:
            ValueError: if no recipe has this network's sizes.
        """
        fitting = [name for name, recipe in RECIPES.items() if recipe.architecture == card["architecture"]]
        if not fitting:
            raise ValueError("No recipe of the command line has a network of these sizes.")
        recipe = RECIPES[fitting[0]]
        options: dict[str, Any] = {"recipe": recipe.name, "init": self.start}
        for wanted, default in ((self.losses, recipe.losses), (self.schedule, recipe.schedule)):
            usual = asdict(default)
            options |= {key: value for key, value in asdict(wanted).items() if value != usual[key]}
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", _plain(value))]
        return shlex.join(["python", "-m", "decloss", "train", *words, "--data", "PHOTOS", "--out", "OUT"])


def _plain(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def settings_from_json(stored: dict[str, Any]) -> JobSettings:
    """Return the settings that stand in a job's record as ``asdict`` wrote them.

    Raises:
        ValueError: if ``stored`` is something else.
    """
    try:
        return JobSettings(**{**stored, "losses": LossSettings(**stored["losses"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"these are not the settings of a finetune ({error})") from error
