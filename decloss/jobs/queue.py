"""The queue of finetunes: one at a time, over restarts and kills.

DBOS keeps the order in SQLite and takes up again what a dead app left. What a job is and did stands in its directory
only: the database can be lost, and is then made anew from the directories.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError

from decloss.files.atomic import rename
from decloss.files.images import RGBArray
from decloss.host.where import on_zerogpu
from decloss.jobs.directory import ACTIVE, Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.photos import prepare_photos
from decloss.jobs.record import JobError
from decloss.jobs.settings import STEPS, JobSettings
from decloss.jobs.sqlite import complete_old_sqlite
from decloss.jobs.supervisor import supervise

logger = logging.getLogger(__name__)

QUEUE = "finetunes"
MOST_WAITING = 8
MOST_KEPT = 10
"""The most finetunes of one visitor."""
LEAST_FREE = 2 * 2**30
"""The bytes of the disk that must be free before another finetune is taken."""
LOOK_EVERY = 0.25
"""The seconds between two looks at the queue."""
LONGEST_WAIT = 10.0
"""The seconds to wait for another app to let go of the data directory, or for a trainer to end."""
CLOSING = threading.Event()
T = TypeVar("T")


@DBOS.workflow(name="finetune", max_recovery_attempts=1_000_000)
def _finetune(path: str) -> None:
    """Supervise a job. There are no steps of DBOS's: every repetition goes on from what the directory holds."""
    supervise(Job(Path(path)), CLOSING)


@dataclass(frozen=True)
class Finetunes(JobFolder):
    """All finetunes of one data directory, and the thread that minds the one that runs.

    There may be one in a process, since DBOS is global, and one app a directory: two would mind the same jobs.
    """

    _submitting: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _locks: list[FileLock] = field(default_factory=list, repr=False)

    def open(self) -> str:
        """Take the directory and go on with what was unfinished; return "", or why there are no finetunes here."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.data / "app.lock")
            lock.acquire(timeout=LONGEST_WAIT)
            prepare_photos(self.data)
            self.tidy()
        except Timeout:
            return "Another app uses this data directory: start this one with another --data to finetune here."
        except OSError as error:
            return f"The data directory cannot be used ({error.strerror}): start with another --data to finetune here."
        self._locks.append(lock)
        if on_zerogpu():
            return ""
        CLOSING.clear()
        try:
            _beside(_launch, self._database)
        except DatabaseError:
            aside = self._database.with_name(f"queue.damaged-{time.time_ns()}.sqlite")
            logger.exception("the queue's database is damaged; it is kept as %s and made anew", aside.name)
            _beside(DBOS.destroy)
            for path in self.data.glob(f"{self._database.name}*"):  # these are the database and SQLite's journals
                rename(path, aside.with_name(path.name.replace(self._database.name, aside.name)))
            _beside(_launch, self._database)
        waiting = [job for job in self.all() if job.state in (JobState.WAITING, JobState.RUNNING)]
        known = _beside(_unfinished)
        for job in sorted(waiting, key=_order):
            if _workflow_id(job) not in known:
                self._enqueue(job.queue_again())
        return ""

    def close(self) -> None:
        """Let the trainer save and end; what is unfinished goes on with the next app."""
        CLOSING.set()
        if self._locks:
            if not on_zerogpu():
                _beside(partial(DBOS.destroy, workflow_completion_timeout_sec=5))
            self._locks.pop().release()

    def submit(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[RGBArray] = ()) -> Job:
        """Queue a new job and return it; raise a ``JobError`` if the queue is full or this visitor has one already."""
        with self._submitting:
            own = self.of(owner)
            self._check_room(own)
            if len(own) >= MOST_KEPT:
                raise JobError(f"You keep {MOST_KEPT} finetunes already: delete one first.")
            job = self.create(settings, owner, start, photos)
            self._enqueue(job.queue_again())
        return job

    def position(self, job: Job) -> int:
        """Return how many jobs come before ``job``."""
        order = _order(job)
        return sum(other.state in ACTIVE and _order(other) < order for other in self.all())

    def stop(self, job: Job) -> None:
        """Ask ``job`` to save and stop, and return at once."""
        if job.state in (JobState.WAITING, JobState.RUNNING):
            job.ask_to_stop()

    def resume(self, job: Job, steps: int | None = None) -> None:
        """Queue a stopped, failed or finished job again, to ``steps`` in all; raise a ``JobError`` if it cannot be."""
        steps = job.settings.steps if steps is None else steps
        if not STEPS[0] <= steps <= STEPS[1]:
            raise JobError(f"A finetune has {STEPS[0]} to {STEPS[1]} steps in all.")
        if job.elsewhere:
            raise JobError("It is trained on Hugging Face Jobs: fetch the result, or cancel it there first.")
        with self._submitting:
            state = job.state
            if state in ACTIVE:
                raise JobError(f"It is {state.value} already.")
            if state is JobState.FINISHED and steps <= job.settings.steps:
                raise JobError(f"It has {job.settings.steps} steps already: ask for more.")
            owner = job.record["owner"]
            self._check_room([other for other in self.all() if other.record["owner"] == owner])
            self._enqueue(job.queue_again(steps))

    def finish_here(self, job: Job) -> None:
        """Make a result of a stopped or failed job as it is; raise a ``JobError`` if that cannot be."""
        if job.state not in (JobState.STOPPED, JobState.FAILED):
            raise JobError("Only a finetune that has stopped can be finished where it is.")
        if not job.saved_step():
            raise JobError("It was stopped before its first checkpoint: there is nothing to keep.")
        self.resume(job, job.saved_step())

    def delete(self, job: Job) -> None:
        """Stop ``job``, and remove it with everything of it; raise a ``JobError`` if it does not stop."""
        job.ask_to_stop()
        until = time.monotonic() + LONGEST_WAIT
        while job.locked and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
        job.delete()

    def _check_room(self, own: list[Job]) -> None:
        if any(job.state in ACTIVE for job in own):
            raise JobError("You have a finetune already: wait for it, or stop it first.")
        if sum(job.state is JobState.WAITING for job in self.all()) >= MOST_WAITING:
            raise JobError(f"{MOST_WAITING} finetunes are waiting already: try again later.")
        if shutil.disk_usage(self.data).free < LEAST_FREE:
            raise JobError("The disk here is almost full: delete finetunes that you do not need, or try again later.")

    def _enqueue(self, job: Job) -> None:
        if not on_zerogpu():  # there the page runs it, slice by slice
            _beside(_add, job)

    @property
    def _database(self) -> Path:
        return self.data / "queue.sqlite"


def _beside(function: Callable[..., T], *arguments: Any) -> T:
    """Call ``function`` in a thread of its own: DBOS refuses to work where an event loop runs, as in a notebook."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments).result()


def _add(job: Job) -> None:
    with SetWorkflowID(_workflow_id(job)), SetEnqueueOptions(priority=job.record["place"]):
        DBOS.enqueue_workflow(QUEUE, _finetune, str(job.path))


def _unfinished() -> set[str]:
    return {workflow.workflow_id for workflow in DBOS.list_workflows(status=["ENQUEUED", "PENDING"])}


def _order(job: Job) -> tuple[int, str]:
    """Return what jobs are sorted by; those that were queued before there were places are sorted by date."""
    record = job.record
    return record["place"], record["queued"]


def _workflow_id(job: Job) -> str:
    return f"{job.id}.{job.record['runs']}"


def _launch(database: Path) -> None:
    complete_old_sqlite()
    DBOS(
        config={
            "name": "decloss",
            "system_database_url": f"sqlite:///{database}",
            "application_version": "1",  # of the queue's entries, so that a new version of ours takes up old jobs
            "executor_id": "app",
            "console_log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue(QUEUE, global_concurrency=1, polling_interval_sec=LOOK_EVERY)
