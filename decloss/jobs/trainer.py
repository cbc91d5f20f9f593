"""The process that trains one job: ``python -m decloss.jobs.trainer JOB …``. It saves and ends when its input does.

Exit status: 0 the result is there; 3 saved, not finished; anything else is a failure, explained by what it printed.

What takes seconds to import is imported inside ``main``, since the input and the lease may end meanwhile.
"""

import math
import os
import sys
import threading
import time
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from decloss.host.child import LOOK_EVERY, when_caller_ends
from decloss.jobs.lease import last_told

EXIT_SAVED = 3
LOCK = "lock"
"""The file in a job's directory that its trainer locks."""
LOCK_TIMEOUT = 60.0
"""The seconds to wait for another trainer that is still saving."""


def settle(threads: int = 0) -> None:
    """Compute with that many threads; with 0, leave one core to the page. The page has the right of way."""
    import torch

    torch.set_num_threads(threads or max(1, (os.cpu_count() or 1) - 1))
    if hasattr(os, "nice"):
        os.nice(5)
    with suppress(OSError):  # on Linux, this process is ended before the page's where memory runs out
        Path("/proc/self/oom_score_adj").write_text("500", encoding="utf-8")


@dataclass(frozen=True)
class Place:
    """Where a job is trained."""

    device: str = "auto"
    threads: int = 0
    """The number of threads; 0 leaves one core to the page."""
    shared: bool = False
    """Whether the folder of jobs may lie on another machine: then a lease stands for the locks of files."""

    def words(self, last_moment: float) -> list[str]:
        """Return the words of the trainer's command line after the job."""
        return [self.device, str(self.threads), str(int(self.shared)), repr(last_moment)]

    @classmethod
    def read(cls, device: str, threads: str, shared: str, last_moment: str) -> "tuple[Place, float]":
        """Return the place and the moment that the words say."""
        return cls(device, int(threads), shared == "1"), float(last_moment)

    def locks(self, job: Path) -> AbstractContextManager[object]:
        """Return what keeps other trainers of the folder out, or raises a ``Timeout``: nothing where a lease does."""
        stack = ExitStack()
        if not self.shared:
            stack.enter_context(FileLock(job.parent.parent / "trainer.lock", LOCK_TIMEOUT))
            stack.enter_context(FileLock(job / LOCK, LOCK_TIMEOUT))
        return stack


def main(path: Path, place: Place | None = None, last_moment: float = math.inf) -> int:
    """Train the job in ``path``, and return the exit status.

    Args:
        path: the directory of the job.
        place: where it is trained; by default beside a page.
        last_moment: the moment by ``time.monotonic()`` at which this process ends whatever it is at, unless its
            worker puts that off.
    """
    closed, alone, place = threading.Event(), threading.Event(), place or Place()
    moments = [last_moment]

    def leave() -> None:
        closed.set()
        if not alone.is_set():  # it has not begun, and has nothing to save
            os._exit(EXIT_SAVED)

    def end_in_time() -> None:
        while (left := moments[-1] - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
        os._exit(EXIT_SAVED)

    when_caller_ends(leave, lambda told: moments.append(last_told(told)))
    threading.Thread(target=end_in_time, daemon=True).start()
    from decloss.jobs.directory import Job
    from decloss.jobs.result import make_result
    from decloss.jobs.train import train_job

    job = Job(path)
    settle(place.threads)
    try:
        with place.locks(path):
            alone.set()
            for part in path.rglob(".*.part"):  # left by a trainer that was killed while it wrote
                part.unlink(missing_ok=True)
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            print(f"{now} from step {job.saved_step()} to {job.settings.steps}", flush=True)
            if not train_job(job, lambda progress: closed.is_set() or time.monotonic() > moments[-1], place.device):
                return EXIT_SAVED
            job.say_phase("measuring")
            make_result(job)
            return 0
    except Timeout:
        return EXIT_SAVED


if __name__ == "__main__":
    words = sys.argv[2:]
    sys.exit(main(Path(sys.argv[1]), *(Place.read(*words) if words else ())))
