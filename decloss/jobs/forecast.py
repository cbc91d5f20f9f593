"""How long a finetune has to wait: from speeds that were measured here, and from how many train at a time."""

import heapq
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

from decloss.jobs.directory import Job, JobState
from decloss.jobs.record import JobError
from decloss.jobs.settings import JobSettings

SPEED_OF_LAST = 20
"""The number of last steps whose speed tells how long the rest will take."""
LAST_JOBS = 8
"""The number of newest jobs whose speeds are looked at."""


def time_left(lines: list[dict[str, Any]], steps: int) -> float | None:
    """Return the seconds that the rest takes at the speed of the last steps; None while that is unknown."""
    speed = _speed(lines)
    return (steps - lines[-1]["step"]) / speed if speed else None


@dataclass(frozen=True)
class Standing:
    """Who is in the line at one moment."""

    jobs: tuple[str, ...]
    """The ids of the jobs that run or wait, in their order."""
    waits: tuple[float, ...] | None
    """The seconds until each of them starts, and at the end those of one that would be queued now; None if unknown."""

    def before(self, job: str | None = None) -> int:
        """Return how many come before ``job``, or before one that would be queued now."""
        return self.jobs.index(job) if job in self.jobs else len(self.jobs)

    def seconds(self, job: str | None = None) -> float | None:
        """Return how long ``job``, or one that would be queued now, waits; None if that is not known."""
        return None if self.waits is None else self.waits[self.before(job)]


def waits(active: Sequence[Job], jobs: Sequence[Job], at_once: int) -> tuple[float, ...] | None:
    """Return the seconds until each active job starts, and at the end those until one that would be queued now does.

    It is None while no speed is known, or while nobody trains.

    Args:
        active: the jobs that run or wait, in their order.
        jobs: all jobs, of which some have run: their speeds tell how long others take.
        at_once: how many are trained at a time.
    """
    pace = _pace(jobs) if active else 0.0
    if pace is None or at_once < 1:
        return None
    running, waiting, order = [], [], []
    for job in active:
        try:
            settings, is_waiting = job.settings, job.state is JobState.WAITING
        except JobError:  # it was deleted meanwhile, and takes no time
            settings, is_waiting = None, False
        order.append(is_waiting)
        if settings is None:
            continue
        if is_waiting:
            waiting.append(pace * _work(settings))
        else:
            left = time_left(job.metrics(), settings.steps)
            running.append(pace * _work(settings) if left is None else left)
    *starts, free = begin(running, waiting, at_once)
    return (*(starts.pop(0) if waits else 0.0 for waits in order), free)


def begin(running: Iterable[float], waiting: Iterable[float], at_once: int) -> list[float]:
    """Return the seconds until each waiting job begins, and at the end those until one more place is free.

    Args:
        running: the seconds that each running job still takes.
        waiting: the seconds that each waiting job will take, in their order; each takes the first free place.
        at_once: the number of places.
    """
    free, found = [0.0] * at_once, []
    for seconds in sorted(running):
        heapq.heappush(free, heapq.heappop(free) + seconds)
    for seconds in waiting:
        found.append(free[0])
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return [*found, free[0]]


def _work(settings: JobSettings) -> float:
    """Return the pixels of a finetune's crops, which its time follows; what the terms of its loss cost is left out."""
    return float(settings.steps * settings.batch_size * settings.crop**2)


def _pace(jobs: Sequence[Job]) -> float | None:
    """Return the seconds a pixel of the newest jobs that have run, their median; None if there are none."""
    paces = []
    for job in reversed(jobs):
        with suppress(JobError):  # it was deleted meanwhile
            settings = job.settings
            if speed := _speed(job.metrics()):
                paces.append(1 / speed / (_work(settings) / settings.steps))
        if len(paces) == LAST_JOBS:
            break
    return median(paces) if paces else None


def _speed(lines: list[dict[str, Any]]) -> float | None:
    """Return the steps a second of the last steps; None while that is unknown."""
    speeds = [line["steps_per_second"] for line in lines[-SPEED_OF_LAST:] if line.get("steps_per_second")]
    return median(speeds) if speeds else None
