"""``python -m decloss train``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import torch
import tyro

from decloss.commands.console import card_of, say
from decloss.commands.progress import TerminalObserver
from decloss.losses import WeightedSum
from decloss.training.checkpoint import build_network
from decloss.training.config import RECIPES, Origin, Schedule
from decloss.training.data import load_photo_pairs
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import train
from decloss.zoo import load_checkpoint

RecipeName = Literal["edsr-l1"]


@dataclass(frozen=True)
class Train:
    """Train a network with the paper's stage one (L1), on a CPU or on CUDA.

    Stops with its work saved on Ctrl-C (exit status 130) and SIGTERM (143). After that, or after a kill,
    --resume continues; on a CPU the weights are then the same, bit for bit, as those of an uninterrupted run.
    """

    data: Path
    """Folder of training photos, searched with its subfolders."""
    out: Path
    """Run directory: metrics.jsonl, NAME.safetensors with its card NAME.json, and the state to resume from."""
    recipe: RecipeName = "edsr-l1"
    """Which row of the paper's Table 1."""
    init: str = "none"
    """Start from this checkpoint (a name or a .safetensors file), or from random weights with "none"."""
    resume: bool = False
    """Continue the run in --out. With more --steps than it had, it trains on from there."""
    describe: str | None = None
    """The training photos in words, for the checkpoint's card; default: the folder's name."""
    schedule: Annotated[Schedule, tyro.conf.OmitArgPrefixes] = field(default_factory=Schedule)

    def run(self) -> int:
        recipe = RECIPES[self.recipe]
        run = RunDirectory(self.out, resume=self.resume)
        if self.resume and not run.state_path.exists():
            say(f"There is no run to resume in {self.out}: starting one.")
        pairs = load_photo_pairs(self.data, report=say)
        torch.manual_seed(self.schedule.seed)
        model, card = build_network(recipe.architecture, recipe.name), None
        if self.init != "none":
            start = load_checkpoint(self.init)
            card = card_of(start)
            if card["architecture"] != recipe.architecture:
                sizes = f"{card['architecture']}, but {recipe.name} is {recipe.architecture}"
                raise ValueError(f"--init {self.init} is {sizes}")
            model = start
        history = card["training"] if card else []
        origin = Origin(self.describe or self.data.resolve().name, card, history)
        with TerminalObserver(self.schedule.steps) as observer:
            objective = WeightedSum(recipe.l1_weight)
            finished = train(model, objective, pairs, recipe, self.schedule, run, origin, observer)
        if not finished:
            say("Stopped and saved. Continue with the same command and --resume.")
        return 0 if finished else 128 + observer.signal
