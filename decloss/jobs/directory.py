"""A finetune on disk: its state follows from the files of its directory and from the lock, and from nothing else.

DATA/jobs/ID/job.json       settings, whose it is, when it was asked for, how often it was queued
             start/         the checkpoint it starts from, a copy
             photos/        the visitor's own, if any
             stop           someone asked it to stop
             phase          what the trainer is doing
             failure.json   why it gave up
             remote.json    where else it is trained
             lock           held by the trainer as long as it lives, unless the line is shared: then it has a lease
             log.txt        what the trainer printed
             before.json    the scores of the checkpoint it starts from
             cache/         its photos, decoded
             run/           the run: configuration, metrics.jsonl, samples, checkpoint, state to resume from
             result/        NAME.safetensors, NAME.json (its card), result.json, once it is finished and checked,
                            and a copy of job.json
"""

import shutil
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from filelock import FileLock, Timeout

from decloss.files.atomic import rename, write_atomically
from decloss.files.weights import read_header
from decloss.jobs.causes import RESULT_DAMAGED, SAVED_DAMAGED
from decloss.jobs.line import Line
from decloss.jobs.record import FAILURE, RECORD, RESULT, JobError, JobRecord, json_file
from decloss.jobs.settings import JobSettings, settings_from_json
from decloss.jobs.trainer import LOCK
from decloss.zoo.checkpoint import CheckpointError, load_checkpoint_file

PROBE = threading.Lock()
"""Whoever probes a job's lock holds this one: two probes at a time would take each other for a trainer."""
STATE_FILE = "run/state/latest.safetensors"
LOG_TAIL = 4000
"""The bytes of the end of a log that are shown."""


class JobState(str, Enum):
    """What a job is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


ACTIVE = (JobState.WAITING, JobState.RUNNING, JobState.STOPPING)
"""The states of jobs that hold a place in the queue."""
SENDING: set[str] = set()
"""The jobs that this process is sending elsewhere at this moment."""
RENTED_AT_MOST = 24 * 3600
"""The seconds after which a finetune that was sent elsewhere is no longer trained there, whatever its files say."""
ELSEWHERE = "It is trained on Hugging Face Jobs: fetch the result, or cancel it there first."
WANTED = (JobState.WAITING, JobState.RUNNING)
"""The states of jobs that belong into the line, and that can be asked to stop."""


@dataclass(frozen=True)
class Job(JobRecord):
    """A job, known by its directory. Whoever knows a job's id may see it, since ids cannot be guessed."""

    line: Line | None = field(default=None, compare=False, repr=False)
    """The line that says whether it is trained; None where the lock of its directory does."""

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def name(self) -> str:
        """The name of its checkpoint."""
        return f"mine-{self.id[:6].lower().replace('_', 'x').replace('-', 'y')}"

    @property
    def settings(self) -> JobSettings:
        return settings_from_json(self.record["settings"])

    @property
    def state(self) -> JobState:
        if (result := self.result) is not None and result["steps"] >= self.settings.steps:
            return JobState.FINISHED
        if self.failure:
            return JobState.FAILED
        if not self.exists:  # it was deleted, and nobody is to make its folder anew by looking at its lock
            return JobState.STOPPED
        if self.stop_asked:
            return JobState.STOPPING if self.locked else JobState.STOPPED
        return JobState.RUNNING if self.locked else JobState.WAITING

    @property
    def locked(self) -> bool:
        """Whether a trainer of the job is alive."""
        if self.line is not None:  # it may be on another machine, where the lock of a file is not to be trusted
            return self.id in self.line.now().taken
        with PROBE:
            try:
                with self.lock().acquire(timeout=0):
                    return False
            except Timeout:
                return True

    def lock(self) -> FileLock:
        """Return the lock that the trainer holds."""
        return FileLock(self.path / LOCK)

    @property
    def stop_asked(self) -> bool:
        return (self.path / "stop").exists()

    @property
    def elsewhere(self) -> bool:
        """Whether it was sent to another machine to be trained, and has neither come back nor been cancelled there."""
        return self.id in SENDING or (self.path / "remote.json").exists()

    @property
    def rented(self) -> bool:
        """Whether it is ``elsewhere`` and can still be trained there, where a machine is rented for less than a day."""
        try:
            sent = (self.path / "remote.json").stat().st_mtime
        except FileNotFoundError:
            return self.id in SENDING
        return self.id in SENDING or 0 <= time.time() - sent < RENTED_AT_MOST  # a clock may have been ahead

    @property
    def phase(self) -> str:
        """What the trainer last said that it is doing: "preparing", "training" or "measuring"."""
        return (self.path / "phase").read_text(encoding="utf-8") if (self.path / "phase").exists() else "preparing"

    @property
    def checkpoint(self) -> Path:
        """The finished checkpoint; its card lies beside it."""
        return self.path / "result" / f"{self.name}.safetensors"

    @property
    def start_checkpoint(self) -> Path:
        """The checkpoint it starts from; its card lies beside it."""
        return self.path / "start" / "start.safetensors"

    @property
    def exists(self) -> bool:
        return (self.path / RECORD).is_file()

    @property
    def cache(self) -> Path:
        """The folder of its decoded photos."""
        return self.path / "cache"

    @property
    def log_path(self) -> Path:
        return self.path / "log.txt"

    @property
    def run_path(self) -> Path:
        return self.path / "run"

    @property
    def photos(self) -> Path:
        """The folder of the photos to train on."""
        return self.path / "photos" if self.settings.own_photos else self.path.parent.parent / "photos" / "training"

    @property
    def validation_photos(self) -> Path:
        """The folder of the photos that it is measured on."""
        return self.path.parent.parent / "photos" / "validation"

    def samples(self) -> list[Path]:
        """Return pictures of the same crop at several steps, STEP.png each, oldest first."""
        return sorted((self.run_path / "samples").glob("*.png"))

    def log_size(self) -> int:
        """Return the number of bytes printed so far."""
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def log_end(self, begin: int = 0) -> str:
        """Return the end of what the trainer printed after the byte ``begin``."""
        content = self.log_path.read_bytes() if self.log_path.exists() else b""
        return content[max(begin, len(content) - LOG_TAIL) :].decode(errors="replace")

    def saved_step(self) -> int:
        """Return the step that a resumed run goes on from; 0 if nothing is saved."""
        try:
            return int(read_header(self.path / STATE_FILE).metadata["step"])
        except (OSError, KeyError, ValueError):
            return 0

    def steps_done(self) -> int:
        """Return the last step that is logged; 0 if there is none."""
        return max((line["step"] for line in self.metrics()), default=0)

    def ask_to_stop(self) -> None:
        (self.path / "stop").touch()

    def queue_again(self, steps: int | None = None) -> "Job":
        """Make it ready to go on, to ``steps`` in all if given: drop marks of stop and failure, count another run."""
        self.queue_record(steps)
        marks = ["stop", FAILURE, "phase", "remote.json"]
        if self.failure == SAVED_DAMAGED:
            marks += [STATE_FILE, "before.json"]
        for mark in marks if self.result is not None else [*marks, RESULT]:
            (self.path / mark).unlink(missing_ok=True)
        return self

    def say_phase(self, phase: str) -> None:
        write_atomically(self.path / "phase", phase.encode())

    def fail(self, sentence: str) -> None:
        write_atomically(self.path / FAILURE, json_file({"sentence": sentence}))

    def check_result(self) -> None:
        """Make it a failed job, ready to go on, if its finished checkpoint can no longer be read."""
        try:
            if self.result is not None and not self.locked:  # a trainer may be writing it
                load_checkpoint_file(self.checkpoint)
        except CheckpointError:
            self.fail(RESULT_DAMAGED)
            (self.path / RESULT).unlink(missing_ok=True)

    def delete(self) -> None:
        """Remove everything, if it is still there; raise a ``JobError`` if it is still running."""
        if not self.exists:
            return
        if self.locked:
            raise JobError("It is still running: stop it first.")
        remains = self.path.with_name(f".{self.id}")
        try:
            rename(self.path, remains)  # all at once; what an interruption leaves goes at the next start
        except OSError:
            if self.exists:
                raise
            shutil.rmtree(self.path, ignore_errors=True)  # another page deleted it, and looking at the lock made this
        shutil.rmtree(remains, ignore_errors=True)
