"""The command line: ``python -m decloss train | evaluate | upscale | zoo``."""

import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import torch
import tyro
from tqdm import tqdm

from decloss.losses import WeightedSum
from decloss.training.checkpoint import build_network
from decloss.training.config import RECIPES, Origin, Schedule
from decloss.training.data import load_photo_pairs
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Progress, train

RecipeName = Literal["edsr-l1"]


@dataclass(frozen=True)
class Train:
    """Train a network: stage one of the paper (L1). Resumable; --resume continues after a stop or a kill."""

    data: Path
    """Folder of training photos, searched with its subfolders."""
    out: Path
    """Run directory: metrics.jsonl, NAME.safetensors and its card, and the state to resume from."""
    recipe: RecipeName = "edsr-l1"
    """Which row of the paper's Table 1."""
    resume: bool = False
    """Continue the run in --out."""
    describe: str | None = None
    """The training photos in words, for the checkpoint's card; default: the folder's name."""
    schedule: Annotated[Schedule, tyro.conf.OmitArgPrefixes] = field(default_factory=Schedule)

    def run(self) -> int:
        recipe = RECIPES[self.recipe]
        run = RunDirectory(self.out, resume=self.resume)
        pairs = load_photo_pairs(self.data, report=lambda text: print(text, file=sys.stderr))
        origin = Origin(data=self.describe or self.data.resolve().name)
        torch.manual_seed(self.schedule.seed)
        model = build_network(recipe.architecture, recipe.name)
        if not run.state_path.exists():
            run.write_config(recipe, self.schedule, origin)
        with _Observer(self.schedule.steps) as observer:
            objective = WeightedSum(recipe.l1_weight)
            finished = train(model, objective, pairs, recipe, self.schedule, run, origin, observer)
        if not finished:
            print(f"Stopped and saved; continue with --resume --out {self.out}", file=sys.stderr)
        return 0 if finished else 128 + observer.signal


class _Observer:
    """Progress bar, and a graceful end: the first Ctrl-C or SIGTERM stops after the current step."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.signal = 0

    def __enter__(self) -> "_Observer":
        interval = 0.5 if sys.stderr.isatty() else 30.0
        self.bar = tqdm(total=self.steps, unit="step", mininterval=interval, maxinterval=interval, dynamic_ncols=True)
        self.previous = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)
        self.bar.close()

    def __call__(self, progress: Progress) -> bool:
        if self.bar.n == 0 and progress.step > 1:  # resumed: only steps of this session count for the speed
            self.bar.initial = self.bar.n = self.bar.last_print_n = progress.step - 1
        if progress.step % 10 == 0 or progress.step == self.steps:
            self.bar.set_postfix(loss=f"{progress.loss.item():.4f}", refresh=False)
        self.bar.update()
        return bool(self.signal)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.signal = number


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    commands = {"train": Train}
    command = tyro.extras.subcommand_cli_from_dict(
        {name: kind for name, kind in commands.items()}, prog="python -m decloss", args=arguments
    )
    try:
        return command.run()
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
