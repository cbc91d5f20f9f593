"""The queue of finetunes: one at a time, over restarts and kills.

DBOS keeps the order in SQLite and takes up again what a dead app left. What a job is and did stands in its directory
only; the database can be lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decloss.images import RGBArray
from decloss.jobs.directory import Job
from decloss.jobs.settings import JobSettings

MOST_WAITING = 8


@dataclass(frozen=True)
class Finetunes:
    """All finetunes of one data directory, and the thread that minds the one that runs."""

    data: Path

    def open(self) -> str:
        """Take the directory, and take up what was left unfinished. Returns "", or why there are no finetunes here."""
        raise NotImplementedError

    def find(self, job_id: object) -> Job:
        """The job of that id; ``JobError`` if there is none."""
        raise NotImplementedError

    def of(self, owner: str) -> list[Job]:
        """The jobs of one visitor, newest first."""
        raise NotImplementedError

    def submit(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[RGBArray] = ()) -> Job:
        """Queue a new job; ``JobError`` if the queue is full or this visitor has one already."""
        raise NotImplementedError

    def position(self, job: Job) -> int:
        """How many jobs come before it."""
        raise NotImplementedError

    def stop(self, job: Job) -> None:
        """Stop it, saving what it has; returns at once."""
        raise NotImplementedError

    def resume(self, job: Job, steps: int | None = None) -> None:
        """Queue a stopped, failed or finished job again, to ``steps`` in all; ``JobError`` if that cannot be."""
        raise NotImplementedError

    def finish_here(self, job: Job) -> None:
        """Make a result of a stopped job as it is."""
        raise NotImplementedError

    def delete(self, job: Job) -> None:
        """Remove it and everything of it, stopping it first."""
        raise NotImplementedError
