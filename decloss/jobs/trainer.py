"""The process that trains one job: ``python -m decloss.jobs.trainer JOB``. It saves and ends when its input does.

Exit status: 0 the result is there; 3 saved, not finished; anything else is a failure, explained by what it printed.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from decloss.files.atomic import write_atomically
from decloss.host.child import when_caller_ends
from decloss.jobs.directory import Job
from decloss.jobs.photos import BUILT_IN
from decloss.jobs.result import make_result, scores
from decloss.training.processes import join_processes
from decloss.training.recipes import train_recipe
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Observer
from decloss.zoo.registry import card_of, load_checkpoint

EXIT_SAVED = 3
LOCK_TIMEOUT = 60.0
"""The seconds to wait for another trainer that is still saving."""
OWN = "a visitor's own photos"


def train_job(job: Job, observe: Observer, device: str = "auto") -> bool:
    """Train ``job`` from where it stopped to its end, or until the observer ends it; return whether it is at its end.

    The caller must hold the job's lock.
    """
    model = load_checkpoint(job.start_checkpoint)
    settings = job.settings
    recipe = settings.recipe(job.name, str(job.start_checkpoint), card_of(model)["architecture"])
    job.say_phase("preparing")
    before = job.path / "before.json"
    if not before.exists():
        job.run_path.mkdir(exist_ok=True)
        write_atomically(before, json.dumps(scores(model, job, 0)).encode())
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
    with suppress(OSError):  # on Linux, this process is ended before the page's where memory runs out
        Path("/proc/self/oom_score_adj").write_text("500", encoding="utf-8")


def main(path: Path) -> int:
    """Train the job in ``path``, and return the exit status."""
    job, closed, alone = Job(path), threading.Event(), threading.Event()

    def leave() -> None:
        closed.set()
        if not alone.is_set():  # it waits for another trainer, and has nothing to save
            os._exit(EXIT_SAVED)

    when_caller_ends(leave)
    settle()
    try:
        with FileLock(path.parent.parent / "trainer.lock", LOCK_TIMEOUT), job.lock().acquire(LOCK_TIMEOUT):
            alone.set()
            for part in path.rglob(".*.part"):  # left by a trainer that was killed while it wrote
                part.unlink(missing_ok=True)
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            print(f"{now} from step {job.saved_step()} to {job.settings.steps}", flush=True)
            if not train_job(job, lambda progress: closed.is_set()):
                return EXIT_SAVED
            job.say_phase("measuring")
            make_result(job)
            return 0
    except Timeout:
        return EXIT_SAVED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
