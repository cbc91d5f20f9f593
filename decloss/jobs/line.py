"""The line of finetunes in a database: which wait, in which order, and who trains which until when.

With one app the database is SQLite in its memory, made anew from the jobs' directories at each start. With a queue it
is PostgreSQL, which any number of pages and workers share. A worker holds a job by a lease: a moment until which nobody
else may take it, which it puts off again and again while its trainer lives. All moments are the database's, so that
no machine's clock counts.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from decloss.jobs.record import JobError
from decloss.jobs.tables import FACTS, JOBS, MEMBERS, TABLES

logger = logging.getLogger(__name__)

LEASE = 30.0
"""The seconds after which the job of a worker that is no longer heard of goes to another."""
SHOWN_FOR = 0.25
"""The seconds for which what was read of the line is shown again."""
SHOWN_WITHOUT_ANSWER = 5.0
"""The seconds for which what was read last is shown where the database does not answer."""
LONGEST_QUERY = 10_000
"""The milliseconds after which a query, or waiting for the lock of ``alone``, is given up."""
LOCK = 0x0DEC1055
"""The number of the lock in PostgreSQL that only one page or worker holds at a time."""
NO_ANSWER = "The queue's database does not answer: try again in a moment."
FORM = "a queue is the address of a PostgreSQL database, such as postgresql://user:password@host/database"


class LineError(JobError):
    """The database does not answer."""


@dataclass(frozen=True)
class Member:
    """A page or a worker that shares the line."""

    id: str
    kind: str
    """"page" or "worker"."""
    name: str
    """What the page calls it: the name of its machine, unless it was given another."""
    device: str
    """What it trains on."""
    at_once: int
    """The number of finetunes that it trains at a time."""
    version: str


@dataclass(frozen=True)
class Snapshot:
    """What the line was at one moment."""

    taken: dict[str, str]
    """The workers' ids by the jobs that they train."""
    members: tuple[Member, ...]

    @property
    def workers(self) -> list[Member]:
        return [member for member in self.members if member.kind == "worker"]

    @property
    def at_once(self) -> int:
        """How many finetunes all workers train at a time."""
        return sum(worker.at_once for worker in self.workers)


@dataclass(eq=False)
class Line:
    """The line in the database at ``url``; without one, in this process's memory.

    Every method raises a ``LineError`` where the database does not answer, but for ``now``.
    """

    url: str = field(default="", repr=False)  # an address may hold a password
    lease: float = math.inf
    """The seconds that a lease lasts; with one app for ever, since it ends with the app."""
    _seen: tuple[float, Snapshot] = field(default=(-math.inf, Snapshot({}, ())), repr=False)

    def __post_init__(self) -> None:
        """Make what connects; nothing is asked of the database yet.

        Raises:
            ValueError: if the address is not one of PostgreSQL.
        """
        self._guard: Any = nullcontext() if self.shared else threading.RLock()
        if not self.shared:
            options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
            self._engine = sa.create_engine("sqlite://", **options)
            TABLES.create_all(self._engine)
            return
        self.lease = LEASE if math.isinf(self.lease) else self.lease
        try:
            address = make_url(self.url)
        except ArgumentError as error:
            raise ValueError(f"{FORM}, got something else") from error  # without the address, which may hold a password
        if address.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
            raise ValueError(f"{FORM}, got {address.drivername}://…")
        # A database that is cut off is noticed within seconds; by itself TCP waits a quarter of an hour.
        connect = {"connect_timeout": 5, "tcp_user_timeout": LONGEST_QUERY, "keepalives_idle": 5,
                   "keepalives_interval": 2, "keepalives_count": 3, "application_name": "decloss",
                   "options": f"-c statement_timeout={LONGEST_QUERY} -c lock_timeout={LONGEST_QUERY} "
                              f"-c idle_in_transaction_session_timeout={6 * LONGEST_QUERY}"}  # fmt: skip
        address = address.set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(address, pool_pre_ping=True, max_overflow=-1, connect_args=connect)

    @property
    def shared(self) -> bool:
        """Whether other processes have a part in it."""
        return bool(self.url)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others out of this block, on whatever machine they are."""
        with self._guard if not self.shared else self._begun() as connection:
            if self.shared:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            yield

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # The jobs.

    def add(self, job: str, place: int) -> None:
        """Let ``job`` wait at ``place``; if it is in the line already, only its place changes."""
        with self._begun() as connection:
            moved = connection.execute(sa.update(JOBS).where(JOBS.c.job == job).values(place=place))
            if moved.rowcount == 0:
                connection.execute(JOBS.insert().values(job=job, place=place))

    def waiting(self) -> set[str]:
        """Return all jobs of the line, also those that a worker has."""
        with self._begun() as connection:
            return set(connection.execute(sa.select(JOBS.c.job)).scalars())

    def take(self, worker: str) -> str | None:
        """Give ``worker`` a lease of the first job that nobody has; return the job, or None if there is none."""
        free = (
            sa.select(JOBS.c.job)
            .where(sa.or_(JOBS.c.worker.is_(None), JOBS.c.until < self._moment()))
            .order_by(JOBS.c.place)
        )
        with self._begun() as connection:
            job: str | None = connection.execute(free.limit(1).with_for_update(skip_locked=True)).scalar()
            if job is not None:
                until = self._moment() + self.lease
                connection.execute(sa.update(JOBS).where(JOBS.c.job == job).values(worker=worker, until=until))
        return job

    def renew(self, member: Member) -> set[str]:
        """Put off the end of all leases of ``member``, and say that it is there; return the jobs that it has.

        A lease that is over is not put off: another worker may have the job by then.
        """
        now, until = self._moment(), self._moment() + self.lease
        mine = sa.update(JOBS).where(JOBS.c.worker == member.id, JOBS.c.until >= now).values(until=until)
        with self._begun() as connection:
            values = {**vars(member), "until": until}
            if connection.execute(sa.update(MEMBERS).where(MEMBERS.c.id == member.id).values(values)).rowcount == 0:
                connection.execute(MEMBERS.insert().values(values))
            return set(connection.execute(mine.returning(JOBS.c.job)).scalars())

    def give_back(self, worker: str, job: str) -> None:
        """Let others take ``job`` at once."""
        with self._begun() as connection:
            held = sa.update(JOBS).where(JOBS.c.job == job, JOBS.c.worker == worker)
            connection.execute(held.values(worker=None, until=None))

    def remove(self, job: str, worker: str | None = None) -> None:
        """Take ``job`` out of the line; if ``worker`` is given, only while that one has it."""
        with self._begun() as connection:
            holder = [JOBS.c.worker == worker] if worker is not None else []
            connection.execute(sa.delete(JOBS).where(JOBS.c.job == job, *holder))

    # Who shares it.

    def leave(self, member: str) -> None:
        """Forget a page or worker, and give back what it has."""
        with self._begun() as connection:
            connection.execute(sa.update(JOBS).where(JOBS.c.worker == member).values(worker=None, until=None))
            connection.execute(sa.delete(MEMBERS).where(MEMBERS.c.id == member))

    def agreed(self) -> dict[str, str]:
        """Return what all must agree on, by name."""
        with self._begun() as connection:
            return {name: value for name, value in connection.execute(sa.select(FACTS.c.name, FACTS.c.value))}  # noqa: C416  # a result has keys() of its own

    def agree(self, facts: dict[str, str]) -> None:
        """Write down what all must agree on, inside ``alone``."""
        with self._begun() as connection:
            for name, value in facts.items():
                connection.execute(sa.delete(FACTS).where(FACTS.c.name == name))
                connection.execute(FACTS.insert().values(name=name, value=value))

    def make_tables(self) -> None:
        """Make the tables that are missing, inside ``alone``."""
        with self._begun() as connection:
            TABLES.create_all(connection)

    def now(self) -> Snapshot:
        """Return what the line is, or was a moment ago; while the database does not answer, what it was last."""
        until, found = self._seen
        if time.monotonic() > until:
            self._seen = (time.monotonic() + SHOWN_WITHOUT_ANSWER, found)  # others need not wait for the answer, too
            with suppress(LineError):
                found = self.read()
                self._seen = (time.monotonic() + SHOWN_FOR, found)
        return found

    def read(self) -> Snapshot:
        """Return what the line is."""
        now = self._moment()
        with self._begun() as connection:
            held = sa.select(JOBS.c.job, JOBS.c.worker).where(JOBS.c.worker.is_not(None), JOBS.c.until >= now)
            columns = [MEMBERS.c[name] for name in Member.__dataclass_fields__]
            there = sa.select(*columns).where(MEMBERS.c.until >= now).order_by(MEMBERS.c.name, MEMBERS.c.id)
            taken = {job: str(worker) for job, worker in connection.execute(held)}
            return Snapshot(taken, tuple(Member(*row) for row in connection.execute(there)))

    @contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        """Begin a transaction, which ends with the block."""
        try:
            with self._guard, self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            logger.warning("the queue's database: %s", str(error).splitlines()[0])
            raise LineError(NO_ANSWER) from error

    def _moment(self) -> Any:
        """Return the present in seconds, as an expression."""
        return (
            sa.extract("epoch", sa.func.clock_timestamp()).cast(sa.Double)
            if self.shared
            else sa.literal(time.monotonic())
        )
