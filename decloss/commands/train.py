"""``python -m decloss train``."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import torch
import tyro

from decloss.commands.console import card_of, say
from decloss.commands.progress import TerminalObserver
from decloss.dec import eta_from_share
from decloss.losses import LossSettings, Objective
from decloss.training.checkpoint import build_network
from decloss.training.config import RECIPES, Origin, Recipe, Schedule
from decloss.training.data import PhotoPairs, load_photo_pairs, sample_batch
from decloss.training.processes import Processes, join_processes
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import train
from decloss.training.watching import Validation
from decloss.zoo import load_checkpoint

RecipeName: TypeAlias = Literal[tuple(RECIPES)]  # type: ignore[valid-type]  # one source for the names
DEFAULT_RECIPE = "edsr-l1"


@dataclass(frozen=True)
class Train:
    """Train a network by one of the paper's recipes, on a CPU, on CUDA, or on several of them with torchrun.

    The defaults shown are those of --recipe. Stops with its work saved on Ctrl-C (exit status 130) and SIGTERM (143).
    After that, or after a kill, --resume continues; on a CPU the weights are then the same, bit for bit, as those of
    an uninterrupted run.
    """

    data: Path
    """Folder of training photos, searched with its subfolders, or a .zip made by "data pack"."""
    out: Path
    """Run directory: metrics.jsonl, NAME.safetensors with its card NAME.json, and the state to resume from."""
    recipe: RecipeName = DEFAULT_RECIPE
    """Which row of the paper's Table 1; rrdb-l1 is stage one of its RRDB rows."""
    init: str = "none"
    """Start from this checkpoint (a name or a .safetensors file), or from random weights with "none"."""
    resume: bool = False
    """Continue the run in --out. With more --steps than it had, it trains on from there."""
    describe: str | None = None
    """The training photos in words, for the checkpoint's card; default: the folder's name."""
    validate: Path | None = None
    """Folder of images to measure on at intervals, as for evaluate; never the benchmarks you report."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute; "auto" is CUDA where there is one."""
    losses: Annotated[LossSettings, tyro.conf.OmitArgPrefixes] = field(default_factory=LossSettings)
    schedule: Annotated[Schedule, tyro.conf.OmitArgPrefixes] = field(default_factory=Schedule)

    @classmethod
    def defaults(cls, arguments: list[str]) -> "Train":
        """The defaults of the recipe that ``arguments`` name, to which the command line then adds."""
        name = DEFAULT_RECIPE
        for position, argument in enumerate(arguments):
            if argument.startswith("--recipe="):
                name = argument.split("=", 1)[1]
            elif argument == "--recipe" and position + 1 < len(arguments):
                name = arguments[position + 1]
        recipe = RECIPES.get(name, RECIPES[DEFAULT_RECIPE])  # the command line refuses other names itself
        required = {"data": tyro.MISSING, "out": tyro.MISSING}
        return cls(**required, recipe=recipe.name, init=recipe.init, losses=recipe.losses, schedule=recipe.schedule)

    def run(self) -> int:
        processes = join_processes(self.device)
        tell: Callable[[str], None] = say if processes.main else (lambda text: None)
        try:
            return self._train(processes, tell)
        finally:
            processes.close()

    def _train(self, processes: Processes, tell: Callable[[str], None]) -> int:
        recipe = replace(RECIPES[self.recipe], losses=self.losses, schedule=self.schedule, init=self.init)
        run = RunDirectory(self.out, resume=self.resume)
        if self.resume and not run.state_path.exists():
            tell(f"There is no run to resume in {self.out}: starting one.")
        pairs = load_photo_pairs(self.data, report=tell)
        recipe = replace(recipe, losses=resolve_eta(recipe, pairs))
        torch.manual_seed(self.schedule.seed)
        model, card = build_network(recipe.architecture, recipe.name), None
        if self.init != "none":
            start = load_checkpoint(self.init)
            card = card_of(start)
            if card["architecture"] != recipe.architecture:
                sizes = f"{card['architecture']}, but {recipe.name} is {recipe.architecture}"
                raise ValueError(f"--init {self.init} is {sizes}")
            model = start
        origin = Origin(self.describe or self.data.resolve().name, card, card["training"] if card else [])
        objective = Objective(recipe.losses, 4 * self.schedule.crop, gather=True)
        validation = Validation(self.validate, self.out) if self.validate and processes.main else None
        with TerminalObserver(self.schedule.steps, shown=processes.main) as observer:
            finished = train(
                model, objective, pairs, recipe, run, origin, processes, validation=validation, observe=observer
            )
        if not finished:
            tell("Stopped and saved. Continue with the same command and --resume.")
        return 0 if finished else 128 + observer.signal


def resolve_eta(recipe: Recipe, pairs: PhotoPairs) -> LossSettings:
    """The loss settings with ``eta`` in dB, measured on the first batch where a share of positive pairs is given."""
    losses, schedule = recipe.losses, recipe.schedule
    if losses.dec_weight == 0 or losses.positive_share == 0:
        return losses
    _, hr = sample_batch(pairs, 0, schedule.batch_size, schedule.crop, schedule.seed)
    eta = eta_from_share(hr.float() / 255, losses.positive_share, losses.alpha, losses.mu, losses.patch_size)
    return replace(losses, eta=round(eta, 2))  # rounded, so that another machine resumes with the same
