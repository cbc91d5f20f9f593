"""The command ``python -m decloss train``."""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import tyro

from decloss.commands.console import say
from decloss.commands.progress import TerminalObserver
from decloss.losses import LossSettings
from decloss.training.config import RECIPES, Schedule

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
        """Return the defaults of the recipe that ``arguments`` name, to which the command line then adds."""
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        parser.add_argument("--recipe", nargs="?")
        name = parser.parse_known_args(arguments)[0].recipe
        recipe = RECIPES.get(name, RECIPES[DEFAULT_RECIPE])  # the command line refuses other names itself
        required = {"data": tyro.MISSING, "out": tyro.MISSING}
        return cls(**required, recipe=recipe.name, init=recipe.init, losses=recipe.losses, schedule=recipe.schedule)

    def run(self) -> int:
        from decloss.training.processes import join_processes
        from decloss.training.recipes import train_recipe
        from decloss.training.run_directory import RunDirectory

        run = RunDirectory(self.out, resume=self.resume)
        if self.resume and not run.state_path.exists():
            say(f"There is no run to resume in {self.out}: starting one.")
        processes = join_processes(self.device)
        recipe = replace(RECIPES[self.recipe], losses=self.losses, schedule=self.schedule, init=self.init)
        observer = TerminalObserver(self.schedule.steps, shown=processes.main)
        try:
            report = say if processes.main else lambda text: None
            with observer:
                finished = train_recipe(
                    recipe, self.data, run, processes, observer, self.describe, self.validate, report
                )
        finally:
            processes.close()
        if not finished and processes.main:
            say("Stopped and saved. Continue with the same command and --resume.")
        return 0 if finished else 128 + observer.signal
