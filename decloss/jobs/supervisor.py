"""The supervisor starts the trainer of a job and minds it until the job is finished, stopped, or has failed.

The trainer saves and ends when its input does, and shows that it is alive by holding a lock, or by its worker's lease.
"""

import threading
import time

from decloss.host.child import LOOK_EVERY, end_child, start_child
from decloss.jobs.causes import FOLDER_LOST, explain
from decloss.jobs.directory import Job, JobState
from decloss.jobs.lease import Lease
from decloss.jobs.trainer import EXIT_SAVED, Place

GRACE = 2.0
"""The seconds that a trainer has to save and go; then it is killed, and its last checkpoint stands."""
MOST_DEATHS = 3
"""How often a trainer is killed without a new checkpoint in between before its job has failed."""


def supervise(job: Job, closing: threading.Event, lease: Lease | None = None, place: Place | None = None) -> None:
    """Run the trainer of ``job``, again if it was killed, until its state says that it is over.

    Args:
        job: the job, which may have been stopped, finished or deleted meanwhile; then nothing happens.
        closing: is set when the app or the worker shuts down; the job then goes on with the next.
        lease: the right to train it, which others put off; by default it lasts.
        place: where it is trained; by default beside a page.
    """
    lease, place = lease or Lease(), place or Place()

    def leave() -> bool:
        return not job.exists or job.stop_asked or closing.is_set() or lease.ending

    deaths = 0
    while not leave() and job.state in (JobState.WAITING, JobState.RUNNING):
        step, begin = job.saved_step(), job.log_size()
        with job.log_path.open("ab") as log:
            trainer = start_child("decloss.jobs.trainer", job.path, *place.words(lease.last_moment), log=log)
        told = lease.ends
        while trainer.poll() is None and not leave():
            if lease.ends != told:
                told = lease.ends
                lease.tell(trainer)
            time.sleep(LOOK_EVERY)
        end_child(trainer, min(GRACE, 0.1 * lease.seconds))
        status = trainer.returncode
        if status in (EXIT_SAVED, 0) or leave():
            continue  # the state says whether that was all
        deaths = deaths + 1 if job.saved_step() == step else 1
        printed = job.log_end(begin)
        if (status > 0 and not (place.shared and FOLDER_LOST.search(printed))) or deaths >= MOST_DEATHS:
            job.fail(explain(status, printed))
