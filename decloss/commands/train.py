"""``python -m decloss train``."""

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
from decloss.training.data import SCALE, PhotoPairs, load_photo_pairs, sample_batch
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
    """Folder of images to measure on at intervals, as for evaluate; not the benchmarks that you report."""
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
        run = RunDirectory(self.out, resume=self.resume)
        if self.resume and not run.state_path.exists():
            say(f"There is no run to resume in {self.out}: starting one.")
        processes = join_processes(self.device)
        recipe = replace(RECIPES[self.recipe], losses=self.losses, schedule=self.schedule, init=self.init)
        observer = TerminalObserver(self.schedule.steps, shown=processes.main)
        try:
            finished = train_recipe(recipe, self.data, run, processes, observer, self.describe, self.validate)
        finally:
            processes.close()
        if not finished and processes.main:
            say("Stopped and saved. Continue with the same command and --resume.")
        return 0 if finished else 128 + observer.signal


def train_recipe(
    recipe: Recipe,
    data: Path,
    run: RunDirectory,
    processes: Processes,
    observer: TerminalObserver,
    describe: str | None = None,
    validate: Path | None = None,
) -> bool:
    """Train ``recipe`` on the photos of ``data``, from its ``init`` or from where ``run`` stopped.

    Args:
        recipe: its ``init`` is a name, a file, or "none".
        data: as for ``load_photo_pairs``.
        run: where everything goes.
        processes: this one among its fellows.
        observer: shows progress and decides when to stop.
        describe: the photos in words; by default the name of ``data``.
        validate: images to measure on at intervals.

    Returns:
        Whether the schedule is finished.
    """
    schedule = recipe.schedule
    pairs = load_photo_pairs(data, report=say if processes.main else lambda text: None)
    recipe = replace(recipe, losses=resolve_eta(recipe, pairs))
    torch.manual_seed(schedule.seed)
    model, card = build_network(recipe.architecture, recipe.name), None
    if recipe.init != "none":
        model = load_checkpoint(recipe.init)
        card = card_of(model)
        if card["architecture"] != recipe.architecture:
            sizes = f"{card['architecture']}, but {recipe.name} is {recipe.architecture}"
            raise ValueError(f"--init {recipe.init} is {sizes}")
    origin = Origin(describe or data.resolve().name, card, card["training"] if card else [])
    objective = Objective(recipe.losses, SCALE * schedule.crop, gather=True)
    validation = Validation(run.path, pairs, validate) if processes.main else None
    with observer:
        return train(model, objective, pairs, recipe, run, origin, processes, validation=validation, observe=observer)


def resolve_eta(recipe: Recipe, pairs: PhotoPairs) -> LossSettings:
    """The loss settings with ``eta`` in dB, measured on the first batch where a share of positive pairs is given."""
    losses, schedule = recipe.losses, recipe.schedule
    if losses.dec_weight == 0 or losses.positive_share == 0:
        return losses
    _, hr = sample_batch(pairs, 0, schedule.batch_size, schedule.crop, schedule.seed)
    eta = eta_from_share(hr.float() / 255, losses.positive_share, losses.alpha, losses.mu, losses.patch_size)
    return replace(losses, eta=round(eta, 2))  # rounded, so that another machine resumes with the same
