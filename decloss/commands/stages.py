"""What is missing of Table 1, as the files of finished runs and of checkpoints say, and what of it can start."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from decloss.training.config import RECIPES, TABLE_1, Recipe
from decloss.training.measured import Measured, last_measured

FINISHED = "finished"
"""The name of an empty file in the directory of a run that is over."""
YARDSTICK = "edsr-l1"
"""The stage one that those of other networks must not be weaker than."""


@dataclass(frozen=True)
class Stage:
    """One training of ``zoo train``."""

    directory: str
    """The name of its run's directory."""
    network: str
    """The recipe of its network's stage one, which may be this stage itself."""
    recipe: Recipe

    @property
    def first(self) -> bool:
        """Whether it is a stage one, from random weights."""
        return self.recipe.init == "none"


@dataclass(frozen=True)
class Stages:
    """All stages of some rows of Table 1."""

    names: tuple[str, ...]
    """The rows, in the order of training."""
    out: Path
    """The folder of the runs' directories."""
    into: Path
    """The folder of finished checkpoints: what lies there is not missing."""
    adapted: Callable[[Recipe], Recipe]
    """A function that gives a recipe the options of the command."""
    compared: bool
    """Whether stages are measured, so that no row starts from a stage one that is weaker than EDSR's."""

    def ready(self, taken: Collection[str] = ()) -> Stage | None:
        """Return the first missing stage that can start; None if there is none.

        Args:
            taken: the directories of stages that are being trained, or have failed: neither they nor what goes on from
                them can start.
        """
        stages = [stage for name in self.names if (stage := next(self.missing(name), None)) is not None]
        unmeasured = self.compared and YARDSTICK in {stage.directory for stage in stages}
        for stage in stages:
            if stage.directory in taken or stage.network in taken:
                continue
            if stage.first or stage.network == YARDSTICK or not (unmeasured or self.weakness(stage.network)):
                return stage
        return None

    def missing(self, name: str) -> Iterator[Stage]:
        """Yield stage one of the network of ``name`` and stage two of ``name``, unless they are done already.

        A stage two that is done needs no stage one any more.
        """
        recipe = RECIPES[name]
        network = name if recipe.init == "none" else recipe.init
        directory = f"{name}-stage-two" if name == network else name
        done = (self.out / directory / FINISHED).exists() or (
            name != network and (self.into / f"{name}.json").exists()  # the card is written last
        )
        if done and name != network:
            return
        own = self.out / network / f"{network}.safetensors"
        shipped = self.into / own.name
        over = (own.parent / FINISHED).exists()
        here = over or not shipped.with_suffix(".json").exists()
        first = Stage(network, network, self.adapted(RECIPES[network]))
        if here and (not over or self._goes_on(first)):
            yield first
        if name == network and (name not in TABLE_1 or not here):
            return  # stage one alone was asked for, or the shipped checkpoint has gone on already
        if not done:
            start = replace(recipe, init=str(own if here else shipped))
            yield Stage(directory, network, self.adapted(start))

    def weakness(self, network: str) -> str | None:
        """Return what is to be done about a stage one that is known to be weaker than EDSR's, else None."""
        own, other = self.measured(network), self.measured(YARDSTICK)
        if not self.compared or own is None or other is None or own.psnr_y >= other.psnr_y:
            return None
        return (
            f"{network} has a PSNR-Y of {own.psnr_y:.2f} dB after {own.step:,} steps, less than the "
            f"{other.psnr_y:.2f} dB of {YARDSTICK}: no row starts from it. The same command with more steps for it "
            f"goes on with it"
        )

    def weaknesses(self) -> list[str]:
        """Return what ``weakness`` says of the networks whose rows are still missing."""
        missing = [stage.network for name in self.names for stage in self.missing(name)]
        return [text for network in dict.fromkeys(missing) if (text := self.weakness(network)) is not None]

    def measured(self, directory: str) -> Measured | None:
        """Return what a run's last measurement says; None if there was none."""
        return last_measured(self.out / directory)

    def _goes_on(self, first: Stage) -> bool:
        """Return whether a stage one that is over is too weak, and is to have more steps than it had."""
        found = self.measured(first.directory)
        steps = first.recipe.schedule.steps
        return found is not None and found.step < steps and self.weakness(first.network) is not None
