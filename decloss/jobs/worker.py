"""A worker takes finetunes from the line and minds their trainers: in the app itself, or alone on any machine."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from decloss.jobs.directory import ACTIVE, Job
from decloss.jobs.lease import Lease
from decloss.jobs.line import Line, LineError, Member
from decloss.jobs.membership import Membership
from decloss.jobs.record import JobError
from decloss.jobs.supervisor import supervise
from decloss.jobs.trainer import Place

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""The seconds between two looks at the line."""
AFTER_AN_ERROR = 5.0
"""The seconds for which a worker that could not mind a job keeps it, so that it is not tried without end."""
RENEWALS = 6
"""How often a lease is put off in the time that it lasts."""


@dataclass(eq=False)
class Worker:
    """Takes jobs from the line, and has each trained in a thread and a process of its own."""

    line: Line
    find: Callable[[object], Job]
    """Returns the job with an id, or raises a ``JobError``."""
    membership: Membership
    place: Place = field(default_factory=Place)
    told: Callable[[str], object] = lambda sentence: None
    """A function that is told, in a sentence each, what the worker takes and what becomes of it."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set it, and the worker saves, gives back what it has, and ends."""
    _leases: dict[str, Lease] = field(default_factory=dict)
    _renewed: float = 0.0

    @property
    def me(self) -> Member:
        return self.membership.me

    def run(self) -> None:
        """Work until ``closing`` is set.

        Raises:
            MembershipError: if the line is now of another version, or of another folder.
        """
        try:
            while not self.closing.is_set():
                with suppress(LineError):  # it is asked again, and the leases end by themselves
                    self._look()
                self.closing.wait(LOOK_EVERY)
        finally:
            self.closing.set()
            self._end()

    def _look(self) -> None:
        """Renew what is held, and take what is free; while the folder is not there, do neither."""
        if not self.membership.folder_is_there():
            self._let_go()
            return
        if time.monotonic() - self._renewed > self._every:
            self._renew()
            self.membership.check()
        while len(self._leases) < self.me.at_once and (job_id := self._take()):
            threading.Thread(target=self._mind, args=(job_id, self._leases[job_id]), daemon=True).start()

    @property
    def _every(self) -> float:
        """The seconds between two renewals; where leases last for ever, there are none."""
        return self.line.lease / RENEWALS

    def _renew(self) -> None:
        asked = time.monotonic()
        held = self.line.renew(self.me)
        self._renewed = asked
        for job_id, lease in list(self._leases.items()):
            if job_id in held:
                lease.renew(asked)
            else:  # it was over before it was renewed
                lease.ends = asked

    def _take(self) -> str | None:
        asked = time.monotonic()
        job_id = self.line.take(self.me.id)
        if job_id is not None:
            self._leases[job_id] = Lease(asked + self.line.lease, self.line.lease)
        return job_id

    def _mind(self, job_id: str, lease: Lease) -> None:
        """Have a job trained, and take it out of the line if it is over, or else give it back."""
        try:
            job = self.find(job_id)
            self.told(f"{job.name}: from step {job.saved_step()} to {job.settings.steps}")
            supervise(job, self.closing, lease, self.place)
        except JobError:  # it was deleted, or is damaged, which its page says
            logger.info("%s cannot be trained", job_id)
        except Exception:  # above all OSError, where the folder does not answer; whatever it is, others may take it
            logger.exception("%s could not be minded", job_id)
            self.closing.wait(AFTER_AN_ERROR)
        # By now this worker may have taken the job again, with another lease, which is not this one's to give back.
        while self._leases.get(job_id) is lease and not self._settled(job_id) and not lease.ending:
            time.sleep(1)  # when the lease is over, others take it, and see for themselves
        if self._leases.get(job_id) is lease:
            del self._leases[job_id]

    def _settled(self, job_id: str) -> bool:
        """Take a job that is over out of the line, or give it back; return whether the database answered.

        A visitor may want it to go on at the same moment, so nobody else may queue it meanwhile.
        """
        with suppress(LineError), self.line.alone():
            over = self.membership.folder_is_there()
            with suppress(JobError, OSError):
                job = self.find(job_id)
                over = over and (job.stop_asked or job.state not in ACTIVE)
                self.told(f"{job.name}: step {job.saved_step()}, {'ended' if over else 'given back'}")
            if over:
                self.line.remove(job_id, self.me.id)
            else:
                self.line.give_back(self.me.id, job_id)
            return True
        return False

    def _let_go(self) -> None:
        for lease in list(self._leases.values()):  # other threads take theirs out meanwhile
            lease.ends = time.monotonic()

    def _end(self) -> None:
        while self._leases:  # each trainer saves and goes within seconds
            time.sleep(LOOK_EVERY)
        with suppress(LineError):
            self.line.leave(self.me.id)


def member(kind: str, name: str, device: str, at_once: int, version: str) -> Member:
    """Return a new member of a line, under an id of its own."""
    return Member(secrets.token_hex(16), kind, name[:64], device[:200], at_once, version)


def threads_of(at_once: int) -> int:
    """Return how many threads each of ``at_once`` trainers gets on a machine without a page."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) else max(1, (os.cpu_count() or 1) // at_once)
