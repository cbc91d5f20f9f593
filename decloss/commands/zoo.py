"""The command ``python -m decloss zoo``."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from decloss.commands.console import say
from decloss.commands.progress import TerminalObserver
from decloss.losses import LossSettings
from decloss.training.config import RECIPES, STAGE_TWO, TABLE_1, Recipe, Schedule
from decloss.zoo.registry import card_of, default_zoo, has_card, load_trainable, shipped_folder

if TYPE_CHECKING:
    from decloss.training.processes import Processes

FINISHED = "finished"
"""The name of an empty file in the directory of a run that is over."""


@dataclass(frozen=True)
class ZooList:
    """List the shipped checkpoints with their provenance."""

    def run(self) -> int:
        zoo = default_zoo()
        for name, path in zoo.paths().items():
            card = zoo.card(name)
            if not has_card(path):
                print(f"{name}: {card['architecture']['type']}, of another project")
                continue
            steps = sum(stage["step"] for stage in card["training"])
            hours = sum(stage["seconds"] for stage in card["training"]) / 3600
            print(f"{name}: {card['parameters']:,} parameters, {steps:,} steps in {hours:.1f} h", end="")
            scores = [f"{data} {scores['psnr_y']:.2f} dB" for data, scores in card["metrics"].items()]
            print("".join(f", {text}" for text in scores))
        return 0


@dataclass(frozen=True)
class ZooAdd:
    """Copy a trained checkpoint into checkpoints/ in half precision, with its card."""

    checkpoint: tyro.conf.Positional[Path]
    """NAME.safetensors of a run directory."""

    def run(self) -> int:
        print(ship(self.checkpoint, shipped_folder()))
        return 0


def ship(checkpoint: Path, folder: Path) -> Path:
    """Copy ``checkpoint`` and its card into ``folder``, in half precision, and return the path of the copy."""
    import torch

    from decloss.zoo.checkpoint import save_checkpoint

    model = load_trainable(checkpoint)
    card = card_of(model)
    target = folder / checkpoint.name
    save_checkpoint(model, target, {key: card[key] for key in ("training", "metrics")}, dtype=torch.float16)
    return target


@dataclass(frozen=True)
class ZooTrain:
    """Train what is missing of the ten rows of Table 1, one after the other, and ship each as it is finished.

    Stage one is trained once for each network. All rows go on from it for as many steps, the L1 row with L1, so that
    none wins by training longer. Everything resumes: run the same command again, after --budget, Ctrl-C or a kill.
    """

    data: Path
    """Training photos: a folder, or a .zip made by "data pack"."""
    out: Path
    """One run directory each goes below this folder."""
    into: Path | None = None
    """Where finished checkpoints go, and where it looks what is missing; default: checkpoints/."""
    only: tuple[str, ...] = ()
    """Names to train instead of all ten."""
    budget: float | None = None
    """Minutes after which to save and stop."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute."""
    steps_one: int = Schedule.steps
    """Steps of stage one."""
    steps_two: int = STAGE_TWO.steps
    """Steps of stage two."""
    learning_rate_one: float = Schedule.learning_rate
    """Learning rate of stage one."""
    learning_rate_two: float = STAGE_TWO.learning_rate
    """Learning rate of stage two."""
    batch_size: int = Schedule.batch_size
    """Crops a step."""
    checkpoint_every: int = Schedule.checkpoint_every
    """Steps between checkpoints."""
    snapshot_every: int = Schedule.snapshot_every
    """Steps between checkpoints that are kept; 0 keeps only the last one."""
    crop: int = Schedule.crop
    """Side of the LR crops. DECLoss's mu changes with it."""
    trunk: Literal["vgg19", "vgg16", "squeezenet1_1"] = "vgg19"
    """Features of the perceptual term."""
    discriminator_features: int = LossSettings.discriminator_features
    """Channels of the discriminator's first convolution."""
    describe: str | None = None
    """The training photos in words, for the cards."""
    validate: Path | None = None
    """Images to measure on at intervals."""

    def run(self) -> int:
        unknown = [name for name in self.only if name not in RECIPES]
        if unknown:
            raise ValueError(f"unknown recipe {unknown[0]!r}; there are {', '.join(RECIPES)}")
        from decloss.training.processes import join_processes

        until = math.inf if self.budget is None else time.monotonic() + 60 * self.budget
        processes = join_processes(self.device)  # once: who left the group cannot join it again for the next stage
        try:
            for name in self.only or tuple(TABLE_1):
                for directory, stage in self._missing(name):
                    status = self._train(directory, stage, until, processes)
                    if status != 0:
                        return status if status > 128 else 0
        finally:
            processes.close()
        return 0

    def _missing(self, name: str) -> Iterator[tuple[str, Recipe]]:
        """Yield stage one of the network of ``name`` and stage two of ``name``, unless they are done already.

        Each stage is the name of its run's directory, and its recipe.
        """
        recipe = RECIPES[name]
        network = name if recipe.init == "none" else recipe.init
        own = self.out / network / f"{network}.safetensors"
        shipped = self._into / own.name
        here = (own.parent / FINISHED).exists() or not shipped.exists()
        if here and not (own.parent / FINISHED).exists():
            yield network, self._adapted(RECIPES[network], first=True)
        if name == network and (name not in TABLE_1 or not here):
            return  # stage one alone was asked for, or the shipped checkpoint has gone on already
        directory = f"{name}-stage-two" if name == network else name
        done = (self.out / directory / FINISHED).exists() or (
            name != network and (self._into / f"{name}.safetensors").exists()
        )
        if not done:
            start = replace(recipe, init=str(own if here else shipped))
            yield directory, self._adapted(start, first=False)

    def _adapted(self, recipe: Recipe, *, first: bool) -> Recipe:
        """Return ``recipe`` with this command's options."""
        losses = replace(
            recipe.losses,
            trunk=self.trunk,
            discriminator_features=self.discriminator_features,
            mu=recipe.losses.mu * self.crop / Schedule.crop,
        )
        schedule = replace(
            Schedule() if first else STAGE_TWO,
            steps=self.steps_one if first else self.steps_two,
            learning_rate=self.learning_rate_one if first else self.learning_rate_two,
            batch_size=self.batch_size,
            checkpoint_every=self.checkpoint_every,
            snapshot_every=0 if first else self.snapshot_every,
            crop=self.crop,
        )
        return replace(recipe, losses=losses, schedule=schedule)

    def _train(self, directory: str, recipe: Recipe, until: float, processes: "Processes") -> int:
        """Train a stage; return 0 if it is finished, 128 if time is over, and 128 plus its number after a signal."""
        from decloss.training.recipes import train_recipe
        from decloss.training.run_directory import RunDirectory

        run = RunDirectory(self.out / directory, resume=True)
        observer = TerminalObserver(recipe.schedule.steps, shown=processes.main, until=until)
        report = say if processes.main else lambda text: None
        report(f"{directory}:")
        with observer:
            finished = train_recipe(recipe, self.data, run, processes, observer, self.describe, self.validate, report)
        if not finished:
            report("Stopped and saved. Run the same command again to go on.")
            return 128 + observer.signal
        if processes.main:
            if recipe.init != "none":
                print(ship(run.checkpoint_path(recipe.name), self._into))
            (run.path / FINISHED).touch()
        processes.any(False)  # the others wait for these files, by which all decide what is missing next
        return 0

    @property
    def _into(self) -> Path:
        return self.into or shipped_folder()


@dataclass(frozen=True)
class Zoo:
    """The shipped checkpoints."""

    command: Annotated[
        Annotated[ZooList, tyro.conf.subcommand("list")]
        | Annotated[ZooAdd, tyro.conf.subcommand("add")]
        | Annotated[ZooTrain, tyro.conf.subcommand("train")],
        tyro.conf.OmitSubcommandPrefixes,
    ]

    def run(self) -> int:
        return self.command.run()
