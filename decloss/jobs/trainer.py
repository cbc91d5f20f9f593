"""The process that trains one job: ``python -m decloss.jobs.trainer JOB``. It saves and ends when its input does.

Exit status: 0 the result is there; 3 saved, not finished; anything else is a failure, explained by what it printed.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from decloss.evaluation.scores import for_json
from decloss.files.atomic import write_atomically
from decloss.host.child import when_caller_ends
from decloss.jobs.directory import Job
from decloss.jobs.photos import BUILT_IN
from decloss.jobs.result import make_result
from decloss.training.processes import join_processes
from decloss.training.recipes import train_recipe
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Observer
from decloss.training.watching import Validation
from decloss.zoo.registry import card_of, load_checkpoint

EXIT_SAVED = 3
LOCK_TIMEOUT = 60.0
"""Seconds to wait for another trainer that is still saving."""
OWN = "a visitor's own photos"


def train_job(job: Job, observe: Observer, device: str = "auto") -> bool:
    """Train ``job`` to its end, or until the observer says so, from where it stopped; whether it is at its end.

    The caller holds the job's lock.
    """
    model = load_checkpoint(job.start_checkpoint)
    settings = job.settings
    recipe = settings.recipe(job.name, str(job.start_checkpoint), card_of(model)["architecture"])
    job.say_phase("preparing")
    before = job.path / "before.json"
    if not before.exists():
        job.run_path.mkdir(exist_ok=True)
        scores = Validation(job.run_path, None, job.validation_photos)(model, 0)["validation"]
        write_atomically(before, json.dumps(for_json(scores)).encode())
    job.say_phase("training")
    processes = join_processes(device)
    try:
        describe = OWN if settings.own_photos else BUILT_IN
        run = RunDirectory(job.run_path, resume=True)
        training, validation = job.photos, job.validation_photos
        return train_recipe(recipe, training, run, processes, observe, describe, validation, print, job.cache)
    finally:
        processes.close()


def settle() -> None:
    """Leave one core, and the right of way, to the page."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    if hasattr(os, "nice"):
        os.nice(5)
    with suppress(OSError):  # Linux: where memory runs out, this process is ended and not the page's
        Path("/proc/self/oom_score_adj").write_text("500", encoding="utf-8")


@contextmanager
def only_trainer(job: Job, closing: Callable[[], bool]) -> Iterator[bool]:
    """Hold the machine's and the job's lock; False if they did not become free in time, or before the input closed."""
    machine = FileLock(job.path.parent.parent / "trainer.lock")
    held = [lock for lock in (machine, job.lock()) if _acquire(lock, closing)]
    try:
        yield len(held) == 2
    finally:
        for lock in reversed(held):
            lock.release()


def _acquire(lock: FileLock, closing: Callable[[], bool]) -> bool:
    until = time.monotonic() + LOCK_TIMEOUT
    while time.monotonic() < until and not closing():
        try:
            lock.acquire(timeout=0.2)
            return True
        except Timeout:
            continue
    return False


def main(path: Path) -> int:
    """Train the job in ``path``; the exit status."""
    closed = threading.Event()
    when_caller_ends(closed.set)
    settle()
    job = Job(path)
    with only_trainer(job, closed.is_set) as alone:
        if not alone or closed.is_set():
            return EXIT_SAVED
        for part in path.rglob(".*.part"):  # of a trainer that was killed while it wrote
            part.unlink(missing_ok=True)
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} from step {job.saved_step()} to {job.settings.steps}", flush=True)
        if not train_job(job, lambda progress: closed.is_set()):
            return EXIT_SAVED
        job.say_phase("measuring")
        make_result(job)
        return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
