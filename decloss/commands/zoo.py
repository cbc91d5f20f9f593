"""``python -m decloss zoo``."""

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import tyro

from decloss.commands.console import card_of, say
from decloss.commands.progress import TerminalObserver
from decloss.commands.train import train_recipe
from decloss.training.checkpoint import save_checkpoint
from decloss.training.config import RECIPES, STAGE_TWO, TABLE_1, Schedule
from decloss.training.processes import join_processes
from decloss.training.run_directory import RunDirectory
from decloss.zoo import available_checkpoints, default_zoo, load_checkpoint, shipped_folder

FINISHED = "finished"
"""An empty file in the directory of a run that is over."""


@dataclass(frozen=True)
class ZooList:
    """List the shipped checkpoints with their provenance."""

    def run(self) -> int:
        for name in available_checkpoints():
            card = default_zoo().card(name)
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
    """Copy ``checkpoint`` and its card into ``folder``, in half precision; returns the copy."""
    model = load_checkpoint(checkpoint)
    card = card_of(model)
    target = folder / checkpoint.name
    save_checkpoint(model, target, {key: card[key] for key in ("training", "metrics")}, dtype=torch.float16)
    return target


@dataclass(frozen=True)
class ZooTrain:
    """Train what is missing of the ten rows of Table 1, one after the other, and ship each as it is finished.

    Stage one is trained once for each network. Everything resumes: run the same command again, after --budget, Ctrl-C
    or a kill, until nothing is missing.
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
    """Of stage one."""
    learning_rate_two: float = STAGE_TWO.learning_rate
    """Of stage two."""
    batch_size: int = Schedule.batch_size
    """Crops a step."""
    checkpoint_every: int = Schedule.checkpoint_every
    """Steps between checkpoints."""
    crop: int = Schedule.crop
    """Side of the LR crops."""
    trunk: Literal["vgg19", "vgg16", "squeezenet1_1"] = "vgg19"
    """Features of the perceptual term."""
    describe: str | None = None
    """The training photos in words, for the cards."""
    validate: Path | None = None
    """Images to measure on at intervals."""

    def run(self) -> int:
        unknown = [name for name in self.only if name not in RECIPES]
        if unknown:
            raise ValueError(f"unknown recipe {unknown[0]!r}; there are {', '.join(RECIPES)}")
        until = math.inf if self.budget is None else time.monotonic() + 60 * self.budget
        for name in _with_stage_one(self.only or tuple(TABLE_1)):
            if self._finished(name) is not None:
                continue
            say(f"{name}:")
            status = self._train(name, until)
            if status != 0:
                return status if status > 128 else 0
        return 0

    def _train(self, name: str, until: float) -> int:
        """0 if finished, 128 and the signal's number if a signal stopped it, 128 if the time is over."""
        recipe = RECIPES[name]
        first = recipe.init == "none"
        schedule = replace(
            recipe.schedule,
            steps=self.steps_one if first else self.steps_two,
            learning_rate=self.learning_rate_one if first else self.learning_rate_two,
            batch_size=self.batch_size,
            checkpoint_every=self.checkpoint_every,
            crop=self.crop,
        )
        init = "none" if first else str(self._finished(recipe.init))
        recipe = replace(recipe, losses=replace(recipe.losses, trunk=self.trunk), schedule=schedule, init=init)
        run = RunDirectory(self.out / name, resume=True)
        observer = TerminalObserver(schedule.steps, until=until)
        processes = join_processes(self.device)
        if not train_recipe(recipe, self.data, run, processes, observer, self.describe, self.validate):
            say("Stopped and saved. Run the same command again to go on.")
            return 128 + observer.signal
        (self.out / name / FINISHED).touch()
        if name in TABLE_1:
            print(ship(run.checkpoint_path(name), self._into))
        return 0

    @property
    def _into(self) -> Path:
        return self.into or shipped_folder()

    def _finished(self, name: str) -> Path | None:
        """The checkpoint ``name`` if it needs no training: shipped already, or finished below ``out``."""
        own = self.out / name / f"{name}.safetensors"
        if (own.parent / FINISHED).exists() and own.exists():
            return own
        shipped = self._into / own.name
        return shipped if shipped.exists() else None


def _with_stage_one(names: tuple[str, ...]) -> list[str]:
    """``names`` with what they start from before them, each once."""
    ordered: dict[str, None] = {}
    for name in names:
        if RECIPES[name].init != "none":
            ordered[RECIPES[name].init] = None
        ordered[name] = None
    return list(ordered)


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
