"""The supervisor starts the trainer of a job and minds it until the job is finished, stopped, or has failed.

The trainer saves and ends when its input does, and shows that it is alive by holding a lock.
"""

import threading
import time

from decloss.host.child import LOOK_EVERY, end_child, start_child
from decloss.jobs.causes import explain
from decloss.jobs.directory import Job, JobState
from decloss.jobs.trainer import EXIT_SAVED

GRACE = 2.0
"""The seconds that a trainer has to save and go; then it is killed, and its last checkpoint stands."""
MOST_DEATHS = 3
"""How often a trainer is killed without a new checkpoint in between before its job has failed."""


def supervise(job: Job, closing: threading.Event) -> None:
    """Run the trainer of ``job``, again if it was killed, until its state says that it is over.

    Args:
        job: the job, which may have been stopped, finished or deleted meanwhile; then nothing happens.
        closing: is set when the app shuts down; the job then goes on with the next app.
    """
    deaths = 0
    while job.exists and job.state in (JobState.WAITING, JobState.RUNNING) and not closing.is_set():
        step, begin = job.saved_step(), job.log_size()
        status = _run(job, closing)
        if status in (EXIT_SAVED, 0) or not job.exists or job.stop_asked or closing.is_set():
            continue  # the state says whether that was all
        deaths = deaths + 1 if job.saved_step() == step else 1
        if status > 0 or deaths >= MOST_DEATHS:
            job.fail(explain(status, job.log_end(begin)))


def _run(job: Job, closing: threading.Event) -> int:
    """Run one trainer from start to end, and return its exit status."""
    with job.log_path.open("ab") as log:
        trainer = start_child("decloss.jobs.trainer", job.path, log=log)
    while trainer.poll() is None:
        if job.stop_asked or closing.is_set() or not job.exists:
            break
        time.sleep(LOOK_EVERY)
    end_child(trainer, GRACE)
    return trainer.returncode
