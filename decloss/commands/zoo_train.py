"""The command ``python -m decloss zoo train``."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from decloss.commands.console import say
from decloss.commands.progress import TerminalObserver
from decloss.commands.stages import FINISHED, Stage, Stages
from decloss.losses import LossSettings
from decloss.training.config import RECIPES, STAGE_TWO, TABLE_1, Recipe, Schedule
from decloss.zoo.registry import ship, shipped_folder

if TYPE_CHECKING:
    from decloss.training.processes import Processes

TIME_IS_OVER = 128
"""What ``train`` returns if its time was over; a signal adds its number."""


@dataclass(frozen=True)
class ZooTrain:
    """Train what is missing of the ten rows of Table 1, and ship each as it is finished.

    Stage one is trained once for each network. All rows go on from it for as many steps, the L1 row with L1, so that
    none wins by training longer. With --validate no row starts from a stage one that is weaker than EDSR's. Everything
    resumes: run the same command again, after --budget, Ctrl-C or a kill.
    """

    data: Path
    """Training photos: a folder, or a .zip made by "data pack"."""
    out: Path
    """One run directory each goes below this folder."""
    into: Path | None = None
    """Where finished checkpoints go, and where it looks what is missing; default: checkpoints/."""
    only: tuple[str, ...] = ()
    """Names to train instead of all ten, in this order."""
    budget: float | None = None
    """Minutes after which to save and stop."""
    at_once: int = 1
    """How many stages to train side by side, each in a process of its own, on a GPU that one of them does not fill."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute."""
    steps_one: int = Schedule.steps
    """Steps of stage one."""
    steps_one_rrdb: int | None = None
    """Steps of stage one of RRDB; default: those of --steps-one."""
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
    compile: bool = Schedule.compile
    """Compile the networks with torch.compile: pays on GPUs only."""
    describe: str | None = None
    """The training photos in words, for the cards."""
    validate: Path | None = None
    """Images to measure on at intervals, and at the end of each stage."""
    validate_every: int = Schedule.validate_every
    """Steps between measurements and sample pictures."""

    def run(self) -> int:
        unknown = [name for name in self.only if name not in RECIPES]
        if unknown:
            raise ValueError(f"unknown recipe {unknown[0]!r}; there are {', '.join(RECIPES)}")
        if self.at_once < 1:
            raise ValueError(f"at_once must be at least 1, got {self.at_once}")
        if not any(True for name in self.stages.names for _ in self.stages.missing(name)):
            say(f"Nothing is missing in {self._into}: give --into FOLDER to train anew.")
            return 0
        until = math.inf if self.budget is None else time.monotonic() + 60 * self.budget
        if self.at_once == 1:
            status = self._train_one_by_one(until)
        else:
            from decloss.commands.side_by_side import train_side_by_side

            status = train_side_by_side(self, until)
        weaknesses = self.stages.weaknesses()
        if status == 0 and weaknesses:
            raise ValueError(weaknesses[0])
        return status if status != TIME_IS_OVER else 0

    @property
    def stages(self) -> Stages:
        """The stages that this command is to train."""
        return Stages(self.only or tuple(TABLE_1), self.out, self._into, self._adapted, self.validate is not None)

    def train(self, stage: Stage, processes: "Processes", stop: Callable[[], bool]) -> int:
        """Train a stage, ship a finished row, and mark what is finished.

        Returns:
            0 if it is finished, ``TIME_IS_OVER`` if ``stop`` ended it, and more after a signal.
        """
        from decloss.training.recipes import train_recipe
        from decloss.training.run_directory import RunDirectory

        recipe, run = stage.recipe, RunDirectory(self.out / stage.directory, resume=True)
        observer = TerminalObserver(recipe.schedule.steps, shown=processes.main, stop=stop)
        report = say if processes.main else lambda text: None
        if processes.main:
            (run.path / FINISHED).unlink(missing_ok=True)  # a stage one that was too weak goes on, and may be stopped
        with observer:
            finished = train_recipe(recipe, self.data, run, processes, observer, self.describe, self.validate, report)
        if not finished:
            return TIME_IS_OVER + observer.signal
        if processes.main:
            if not stage.first:
                ship(run.checkpoint_path(recipe.name), self._into)
            (run.path / FINISHED).touch()
        # The others wait here for these files, by which all decide what is missing next.
        told = processes.any(bool(observer.signal))  # during the last validation, when nothing more was to be stopped
        return TIME_IS_OVER + observer.signal if told else 0

    def tell_finished(self, stage: Stage) -> None:
        """Say that a stage is finished, and how good it is if it was measured; print where its checkpoint was put."""
        measured = self.stages.measured(stage.directory)
        score = f", PSNR-Y {measured.psnr_y:.2f} dB on {self.validate}" if measured and self.validate else ""
        say(f"{stage.directory}: finished{score}")
        if not stage.first:
            print(self._into / f"{stage.recipe.name}.safetensors", flush=True)

    def _train_one_by_one(self, until: float) -> int:
        """Train all that is missing in this process; return what ``train`` returned last."""
        from decloss.training.processes import join_processes

        processes = join_processes(self.device)  # once: who left the group cannot join it again for the next stage
        report = say if processes.main else lambda text: None
        try:
            while (stage := self.stages.ready()) is not None:
                report(f"{stage.directory}:")
                if status := self.train(stage, processes, lambda: time.monotonic() > until):
                    report("Stopped and saved. Run the same command again to go on.")
                    return status
                if processes.main:
                    self.tell_finished(stage)
        finally:
            processes.close()
        return 0

    def _adapted(self, recipe: Recipe) -> Recipe:
        """Return ``recipe`` with this command's options; one that starts from random weights is a stage one."""
        first = recipe.init == "none"
        own = self.steps_one_rrdb if recipe.name == "rrdb-l1" else None
        losses = replace(
            recipe.losses,
            trunk=self.trunk,
            discriminator_features=self.discriminator_features,
            mu=recipe.losses.mu * self.crop / Schedule.crop,
        )
        schedule = replace(
            Schedule() if first else STAGE_TWO,
            steps=(self.steps_one if own is None else own) if first else self.steps_two,
            learning_rate=self.learning_rate_one if first else self.learning_rate_two,
            batch_size=self.batch_size,
            checkpoint_every=self.checkpoint_every,
            snapshot_every=0 if first else self.snapshot_every,
            validate_every=self.validate_every,
            crop=self.crop,
            compile=self.compile,
        )
        return replace(recipe, losses=losses, schedule=schedule)

    @property
    def _into(self) -> Path:
        return self.into or shipped_folder()
