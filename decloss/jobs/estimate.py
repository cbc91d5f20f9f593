"""What a finetune will cost, from steps that were measured."""

from dataclasses import dataclass
from pathlib import Path

from decloss.jobs.settings import JobSettings


@dataclass(frozen=True)
class Estimate:
    """Measured on this machine, with whatever else it was doing."""

    seconds_per_step: float
    seconds: float
    """For the whole run, measuring included."""
    megabytes: int
    """The most memory that the process took."""


def estimate(settings: JobSettings, start: Path, data: Path) -> Estimate:
    """Measure two steps in a process of their own; ``JobError`` with a sentence if they do not work."""
    raise NotImplementedError
