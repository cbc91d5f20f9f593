"""Finetunes on ZeroGPU, which lends a GPU for a minute at a time: they run in slices, each of which saves for the next.

On ZeroGPU the app imports ``spaces`` before torch, CUDA exists in decorated functions only, and these run in a process
of their own: only plain values go in and out. Elsewhere the decorator does nothing; a slice runs where it is called.
"""

import math
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from queue import Queue
from typing import Any

from filelock import Timeout

from decloss.jobs.causes import explain
from decloss.jobs.directory import WANTED, Job, JobState
from decloss.jobs.result import make_result
from decloss.jobs.train import train_job
from decloss.training.trainer import Progress

try:
    import spaces
except ImportError:  # only ZeroGPU needs it
    spaces = None

SLICE = 45.0
"""The seconds of training in a slice; visitors without an account have two minutes a day."""
SHORTEST = 10.0
SAVING = 15.0
"""The seconds that are reserved beyond those, for loading, the step that is under way, and saving."""
QUOTA = "ZeroGPU quota exceeded"
QUOTA_USED_UP = "The ZeroGPU quota is used up: it is saved, and goes on later."
NO_GPU = "ZeroGPU has no GPU for it now: it is saved, and goes on later."

News = dict[str, Any]
"""What a slice tells on the way: "step", the steps done; "phase", what it does; perhaps a sentence as "message"."""


def _reserved(job_path: str, seconds: float) -> int:  # noqa: ARG001  # called like the slice
    """Return the seconds of GPU that a slice asks for."""
    return math.ceil(seconds + SAVING)


def _on_gpu(function: Callable[[str, float], Iterator[News]]) -> Callable[[str, float], Iterator[News]]:
    return function if spaces is None else spaces.GPU(function, duration=_reserved)


@_on_gpu
def train_slice(job_path: str, seconds: float) -> Iterator[News]:
    """Train the job in ``job_path`` from where it stopped for ``seconds``, one step at least; then save and end.

    Its last news has the phase "trained" (to the end), "saved", "busy" (another trainer has it) or "failed" (the job
    then knows why). Closing the generator saves, too.
    """
    told: Queue[News | None] = Queue()
    leave = threading.Event()
    # It trains in a thread, since the loop calls back where a generator must yield; the lock is taken and left there.
    trainer = threading.Thread(target=_train, args=(Job(Path(job_path)), seconds, told.put, leave))
    trainer.start()
    try:
        while (news := told.get()) is not None:
            yield news
    finally:
        leave.set()
        trainer.join()


def run_in_slices(job: Job, seconds: float = SLICE) -> Iterator[News]:
    """Train ``job`` slice by slice and make its result, unless it is asked to stop or no GPU is to be had.

    A slice that is refused is tried again at half its length; below ``SHORTEST`` it ends with the phase "waiting" and
    a message. Whatever the end, everything is saved, and the next call goes on from there.
    """
    phase = "saved"
    while phase != "trained":
        if job.stop_asked:
            yield _news(job, "stopped")
            return
        try:
            with closing(train_slice(str(job.path), seconds)) as news_of_slice:  # type: ignore[type-var]  # a generator
                for news in news_of_slice:
                    phase = news["phase"]
                    yield news
        except Exception as error:
            title = str(getattr(error, "title", ""))  # gradio's error has a title; gradio is not imported here
            if not title.startswith("ZeroGPU"):
                raise
            if seconds <= SHORTEST:
                yield {**_news(job, "waiting"), "message": QUOTA_USED_UP if title == QUOTA else NO_GPU}
                return
            seconds = max(SHORTEST, seconds / 2)
            continue
        if phase not in ("saved", "trained"):  # another trainer has it, or it failed
            return
    job.say_phase("measuring")
    yield _news(job, "measuring")
    yield _news(job, _guard(job, lambda: make_result(job), "finished"))  # on the CPU, which costs no quota


def run_while_watched(job: Job) -> Iterator[News]:
    """Do ``run_in_slices`` for a page; afterwards a job that is not over is marked as stopped, ready to go on.

    A job that does not wait is left alone: the visitor may have asked twice for the same.
    """
    if job.state is not JobState.WAITING:
        return
    try:
        yield from run_in_slices(job)
    finally:
        if job.state in WANTED:
            job.ask_to_stop()


def _train(job: Job, seconds: float, tell: Callable[[News | None], None], leave: threading.Event) -> None:
    """Train a slice in a thread, and tell None at the end."""
    until = time.monotonic() + seconds

    def observe(progress: Progress) -> bool:
        tell({"step": progress.step, "phase": "training"})
        return leave.is_set() or job.stop_asked or time.monotonic() >= until

    trained: list[bool] = []
    try:
        tell(_news(job, "preparing"))
        phase = _guard(job, lambda: trained.append(train_job(job, observe)), "saved")
        tell(_news(job, "trained" if phase == "saved" and trained[0] else phase))
    finally:
        tell(None)  # whatever happened: the slice waits for it


def _guard(job: Job, work: Callable[[], None], done: str) -> str:
    """Do ``work`` under the job's lock, and return ``done``; "busy" if another has the lock; "failed" after an error.

    An error is written down here, since an exception that leaves the process of a slice is ZeroGPU's to tell.
    """
    try:
        with job.lock().acquire(timeout=0):
            work()
    except Timeout:
        return "busy"
    except Exception:
        trace = traceback.format_exc()
        with suppress(OSError), job.log_path.open("a", encoding="utf-8") as log:  # the disk may be full
            log.write(trace)
        with suppress(OSError):
            job.fail(explain(1, trace))
        return "failed"
    return done


def _news(job: Job, phase: str) -> News:
    return {"step": job.saved_step(), "phase": phase}
