"""Starts the trainer of a job and minds it until the job is finished, stopped, or has failed.

No process id is stored or trusted: the trainer hangs on the pipe that is its input, and shows that it lives by a lock.
"""

import subprocess
import sys
import threading
import time

from decloss.jobs.causes import explain
from decloss.jobs.directory import Job, JobState
from decloss.jobs.trainer import SAVED, own_environment

POLL = 0.1
GRACE = 2.0
"""Seconds that a trainer has to save and go; then it is killed, and its last checkpoint stands."""
MOST_DEATHS = 3
"""Killed so often without a new checkpoint in between, a job has failed."""


def supervise(job: Job, closing: threading.Event) -> None:
    """Run the trainer of ``job``, again if it was killed, until its state says that it is over.

    Args:
        job: may have been stopped, finished or deleted meanwhile; then nothing happens.
        closing: set when the app shuts down; the job then goes on with the next app.
    """
    deaths = 0
    while job.exists and job.state in (JobState.WAITING, JobState.RUNNING) and not closing.is_set():
        step, begin = job.saved_step(), job.log_size()
        status = _run(job, closing)
        if status in (SAVED, 0) or not job.exists or job.stop_asked or closing.is_set():
            continue  # the state says whether that was all
        deaths = deaths + 1 if job.saved_step() == step else 1
        if status > 0 or deaths >= MOST_DEATHS:
            job.fail(explain(status, job.log_since(begin)))


def _run(job: Job, closing: threading.Event) -> int:
    """One trainer from start to end; its exit status."""
    command = [sys.executable, "-m", "decloss.jobs.trainer", str(job.path)]
    with job.log_path.open("ab") as log:  # a file: a pipe that nobody reads would fill and stop it
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=own_environment(), start_new_session=True
        )
    assert process.stdin is not None  # as asked for
    leave_until = None
    while (status := process.poll()) is None:
        if leave_until is None and (job.stop_asked or closing.is_set() or not job.exists):
            process.stdin.close()
            leave_until = time.monotonic() + GRACE
        if leave_until is not None and time.monotonic() > leave_until:
            process.kill()
        time.sleep(POLL)
    process.stdin.close()
    return status
