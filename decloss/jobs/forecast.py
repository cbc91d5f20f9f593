"""How long a finetune has to wait: from speeds that were measured here, and from how many train at a time."""

import heapq
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from decloss.jobs.directory import Job, JobState
from decloss.jobs.settings import JobSettings

SPEED_OF_LAST = 20
"""The number of last steps whose speed tells how long the rest will take."""
LAST_JOBS = 8
"""The number of newest jobs whose speeds are looked at."""


def time_left(lines: list[dict[str, Any]], steps: int) -> float | None:
    """Return the seconds that the rest takes at the speed of the last steps; None while that is unknown."""
    speed = _speed(lines)
    return (steps - lines[-1]["step"]) / speed if speed else None


def seconds_to_wait(before: Sequence[Job], jobs: Sequence[Job], at_once: int) -> float | None:
    """Return the seconds until a finetune starts, None while nothing is known of any speed here.

    Args:
        before: the jobs that come before it, in the order in which they start.
        jobs: all jobs, of which some have run.
        at_once: how many are trained at a time, 1 or more.
    """
    pace = _pace(jobs)
    if pace is None and before:
        return None
    running, waiting = [], []
    for job in before:
        settings, state = job.settings, job.state
        if state is JobState.WAITING:
            waiting.append((pace or 0.0) * _work(settings))
        else:
            left = time_left(job.metrics(), settings.steps)
            running.append((pace or 0.0) * _work(settings) if left is None else left)
    return queued(running, waiting, at_once)


def queued(running: Iterable[float], waiting: Iterable[float], at_once: int) -> float:
    """Return the seconds until a place is free.

    Args:
        running: the seconds that each running job still takes.
        waiting: the seconds that each waiting job will take, in their order; each takes the first free place.
        at_once: the number of places.
    """
    free = [0.0] * at_once
    for seconds in (*sorted(running), *waiting):
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return min(free)


def _work(settings: JobSettings) -> float:
    """Return the pixels of a finetune's crops, which its time follows; what the terms of its loss cost is left out."""
    return float(settings.steps * settings.batch_size * settings.crop**2)


def _pace(jobs: Sequence[Job]) -> float | None:
    """Return the seconds a pixel of the newest jobs that have run, their median; None if there are none."""
    paces = []
    for job in reversed(jobs):
        settings, lines = job.settings, job.metrics()
        a_step = _work(settings) / settings.steps
        if speed := _speed(lines):
            paces.append(1 / speed / a_step)
        if len(paces) == LAST_JOBS:
            break
    return median(paces) if paces else None


def _speed(lines: list[dict[str, Any]]) -> float | None:
    """Return the steps a second of the last steps; None while that is unknown."""
    speeds = [line["steps_per_second"] for line in lines[-SPEED_OF_LAST:] if line.get("steps_per_second")]
    return median(speeds) if speeds else None
