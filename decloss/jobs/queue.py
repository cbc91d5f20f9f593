"""The queue of finetunes: who may begin one, what is before it, and who trains it, over restarts and kills.

With one app a thread of it trains, one finetune at a time. With a queue in PostgreSQL pages only add to the line and
look at it, and workers train. What a job is and did stands in its directory only: the line can be lost, and is then
made anew from the directories.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from decloss import __version__
from decloss.files.images import RGBArray, encode_png
from decloss.host.where import on_zerogpu
from decloss.jobs.directory import ACTIVE, ELSEWHERE, WANTED, Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.forecast import Standing, waits
from decloss.jobs.line import Line, LineError
from decloss.jobs.membership import Membership, MembershipError
from decloss.jobs.photos import prepare_photos
from decloss.jobs.record import JobError
from decloss.jobs.settings import STEPS, JobSettings
from decloss.jobs.worker import RENEWALS, Worker, member

logger = logging.getLogger(__name__)

MOST_WAITING = 8
MOST_WAITING_SHARED = 64
"""The most finetunes that wait where workers on several machines train them."""
MOST_KEPT = 10
"""The most finetunes of one visitor."""
STANDING_FOR = 1.0
"""The seconds for which the standing of a shared line is shown before all jobs are read again."""
LEAST_FREE = 2 * 2**30
"""The bytes of the disk that must be free before another finetune is taken."""
LOOK_EVERY = 0.25
"""The seconds between two looks at whether a job has ended."""
CLOSED_AFTER = 5.0
"""The seconds that a trainer has to save and end when the app does."""
LONGEST_WAIT = 10.0
"""The seconds to wait for another app to let go of the data directory, or for a trainer to end."""


@dataclass(frozen=True)
class Finetunes(JobFolder):
    """All finetunes of one data directory, and the thread that minds the one that runs.

    Without a shared line there is one app a directory: two would mind the same jobs.
    """

    line: Line = field(default_factory=Line, compare=False, repr=False)
    _closing: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)
    _opened: list[Membership] = field(default_factory=list, compare=False, repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, compare=False, repr=False)
    _locks: list[FileLock] = field(default_factory=list, compare=False, repr=False)
    _seen: list[tuple[float, Standing]] = field(default_factory=list, compare=False, repr=False)

    def open(self) -> str:
        """Take the directory and go on with what was unfinished; return "", or why there are no finetunes here."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            if not self.line.shared:
                lock = FileLock(self.data / "app.lock")
                lock.acquire(timeout=LONGEST_WAIT)
                self._locks.append(lock)
            prepare_photos(self.data)
            membership = Membership(self.line, self.data, member("page", "", "", 1, __version__))
            membership.join()
            if on_zerogpu():  # the page that trained it is gone: its owner goes on with it from another
                for job in _in_order(self.all(), WANTED):
                    job.ask_to_stop()
            self.mend(tidy=True)
        except Timeout:
            return "Another app uses this data directory: start this one with another --data to finetune here."
        except OSError as error:
            self._let_go()
            return f"The data directory cannot be used ({error.strerror}): start with another --data to finetune here."
        except (MembershipError, LineError) as error:
            return str(error)
        self._opened.append(membership)
        if self.line.shared:
            self._start(self._stay)
        elif not on_zerogpu():
            self._start(Worker(self.line, self.find, membership, closing=self._closing).run)
        return ""

    def _start(self, work: Callable[[], None]) -> None:
        self._closing.clear()
        self._threads.append(threading.Thread(target=work, name="finetunes", daemon=True))
        self._threads[-1].start()

    def close(self) -> None:
        """Let the trainer save and end; what is unfinished goes on with the next app, or with another worker."""
        self._closing.set()
        for thread in self._threads:
            thread.join(CLOSED_AFTER)
        self._threads.clear()
        for membership in self._opened:
            membership.leave()
        self._opened.clear()
        self._let_go()

    def _let_go(self) -> None:
        while self._locks:
            self._locks.pop().release()

    def _stay(self) -> None:
        """Stay a member, and now and then bring into the line what a killed page has left outside."""
        while not self._closing.wait(self.line.lease / RENEWALS):
            with suppress(JobError, OSError):  # the database or the folder does not answer
                self.line.renew(self._opened[0].me)
                self.mend()

    def mend(self, *, tidy: bool = False) -> None:
        """Bring every job into the line that should be there; with ``tidy``, remove what half-made ones have left."""
        with self.alone():
            if tidy:
                self.tidy()
            known = self.line.waiting()
            wanted = _in_order((job for job in self.all() if job.id not in known), WANTED)
            for job, place in wanted.items():
                self.line.add(job.id, place)

    def alone(self) -> AbstractContextManager[None]:
        """Return what keeps out all who make, queue or tidy up jobs, in this process and in others."""
        return self.line.alone()

    def job(self, name: str) -> Job:
        return Job(self.jobs / name, self.line if self.line.shared else None)

    def submit(self, settings: JobSettings, owner: str, start: Path, photos: Sequence[RGBArray] = ()) -> Job:
        """Queue a new job and return it; raise a ``JobError`` if the queue is full or this visitor has one already."""
        files = [encode_png(pixels) for pixels in photos]  # which takes long, while nobody else has to wait
        with self.alone():
            own = self.of(owner)
            self._check_room(own)
            if len(own) >= MOST_KEPT:
                raise JobError(f"You keep {MOST_KEPT} finetunes already: delete one first.")
            job = self.store(settings, owner, start, files)
            self._enqueue(job.queue_again())
        return job

    def standing(self) -> Standing:
        """Return who is in the line; where it is shared, with how long each waits, as it was within the last second."""
        for until, known in self._seen[-1:]:  # a copy, since another thread may empty it
            if time.monotonic() < until:
                return known
        jobs = self.all()
        active = list(_in_order(jobs, ACTIVE))
        shared = self.line.shared
        found = Standing(
            tuple(job.id for job in active), waits(active, jobs, self.line.now().at_once) if shared else None
        )
        if shared:  # a class of thirty looks at it all the time, and each look reads all jobs
            self._seen[:] = [(time.monotonic() + STANDING_FOR, found)]
        return found

    def position(self, job: Job) -> int:
        """Return how many jobs come before ``job``."""
        return self.standing().before(job.id)

    def where(self, job: Job) -> str:
        """Return what the worker that trains ``job`` is called; empty if none does, or if only this app trains."""
        seen = self.line.now()
        names = {worker.id: worker.name for worker in seen.workers}
        return names.get(seen.taken.get(job.id, ""), "")

    def stop(self, job: Job) -> None:
        """Ask ``job`` to save and stop, and return at once."""
        if job.state in WANTED:
            job.ask_to_stop()

    def resume(self, job: Job, steps: int | None = None) -> None:
        """Queue a stopped, failed or finished job again, to ``steps`` in all; raise a ``JobError`` if it cannot be."""
        steps = job.settings.steps if steps is None else steps
        if not STEPS[0] <= steps <= STEPS[1]:
            raise JobError(f"A finetune has {STEPS[0]} to {STEPS[1]} steps in all.")
        with self.alone():
            if job.rented:
                raise JobError(ELSEWHERE)
            state = job.state
            if state in ACTIVE:
                raise JobError(f"It is {state.value} already.")
            if state is JobState.FINISHED and steps <= job.settings.steps:
                raise JobError(f"It has {job.settings.steps} steps already: ask for more.")
            self._check_room(self.of_digest(job.record["owner"]))
            self._enqueue(job.queue_again(steps))

    def finish_here(self, job: Job) -> None:
        """Make a result of a stopped or failed job as it is; raise a ``JobError`` if that cannot be."""
        if job.state not in (JobState.STOPPED, JobState.FAILED):
            raise JobError("Only a finetune that has stopped can be finished where it is.")
        if not job.saved_step():
            raise JobError("It was stopped before its first checkpoint: there is nothing to keep.")
        self.resume(job, job.saved_step())

    def delete(self, job: Job) -> None:
        """Stop ``job``, and remove it with everything of it; raise a ``JobError`` if it does not stop, or is rented."""
        if job.rented:  # without its folder nobody could cancel it there
            raise JobError(ELSEWHERE)
        with suppress(FileNotFoundError):  # another page may delete it at this moment
            job.ask_to_stop()
        until = time.monotonic() + LONGEST_WAIT
        while job.locked and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
        job.delete()
        with suppress(LineError):  # a worker that takes it finds nothing, and takes it out of the line
            self.line.remove(job.id)

    def _check_room(self, own: list[Job]) -> None:
        if _in_order(own, ACTIVE):
            raise JobError("You have a finetune already: wait for it, or stop it first.")
        most = MOST_WAITING_SHARED if self.line.shared else MOST_WAITING
        if len(_in_order(self.all(), (JobState.WAITING,))) >= most:
            raise JobError(f"{most} finetunes are waiting already: try again later.")
        if shutil.disk_usage(self.data).free < LEAST_FREE:
            raise JobError("The disk here is almost full: delete finetunes that you do not need, or try again later.")

    def _enqueue(self, job: Job) -> None:
        self._seen.clear()
        self.line.add(job.id, job.record["place"])  # on ZeroGPU nobody takes it: the page runs it, slice by slice


def _in_order(jobs: Iterable[Job], states: Sequence[JobState]) -> dict[Job, int]:
    """Return those of ``jobs`` that are in one of ``states``, with their places, first come first.

    Those that were queued before there were places are sorted by date. What is deleted at this moment is left out.
    """
    found = []
    for job in jobs:
        with suppress(JobError):
            if job.state in states:
                record = job.record
                found.append((record["place"], record["queued"], job.id, job))
    return {job: place for place, _, _, job in sorted(found, key=lambda entry: entry[:3])}
