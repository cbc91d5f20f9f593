"""What a finetune will cost, from a few steps that are measured in a process of their own.

That process ends with the one that started it, and at once when nobody waits for it any more.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from decloss.host.child import end_with_caller, run_child
from decloss.jobs.causes import explain
from decloss.jobs.directory import LOG_TAIL
from decloss.jobs.folder import JobFolder
from decloss.jobs.record import JobError
from decloss.jobs.settings import JobSettings, settings_from_json
from decloss.jobs.train import train_job
from decloss.jobs.trainer import settle
from decloss.training.trainer import Progress

MEASURED_STEPS = 3
LONGEST = 180
"""The seconds after which measuring is given up."""
TOO_LONG = f"{MEASURED_STEPS} steps take over {LONGEST} s here: choose a smaller batch or crop."
KILLED = (
    "Measuring was killed (signal {signal}), most likely because the machine ran out of memory. "
    "Choose a smaller batch or crop."
)
SETTINGS, RESULT = "settings.json", "estimate.json"


@dataclass(frozen=True)
class Estimate:
    """What a finetune costs, measured on this machine with whatever else it was doing."""

    seconds_per_step: float
    seconds: float
    """The seconds of the whole run, with its measurements of scores."""
    megabytes: int | None
    """The most memory that the process took; None if the system does not say."""


def estimate(settings: JobSettings, start: Path, data: Path) -> Generator[float, None, Estimate]:
    """Measure a few steps on the built-in photos; yield the seconds so far, several times a second.

    Closing the generator kills the process.

    Args:
        settings: the settings of the finetune.
        start: the checkpoint to start from.
        data: the data directory, which has the photos.

    Raises:
        JobError: if the steps do not work, or take too long; the message is a sentence.
    """
    with tempfile.TemporaryDirectory(prefix="decloss-estimate-") as name:
        folder = Path(name)
        (folder / SETTINGS).write_text(json.dumps(asdict(settings)), encoding="utf-8")
        began = time.monotonic()
        try:
            with closing(run_child(__name__, folder, start, data, longest=LONGEST)) as running:
                for _ in running:
                    yield time.monotonic() - began
        except subprocess.TimeoutExpired as error:
            raise JobError(TOO_LONG) from error
        except subprocess.CalledProcessError as error:
            raise JobError(explain(error.returncode, error.output[-LOG_TAIL:], KILLED)) from error
        return Estimate(**json.loads((folder / RESULT).read_bytes()))


def measure(folder: Path, start: Path, data: Path) -> Estimate:
    """Train a few steps of a job in ``folder``, which is thrown away, and return what the finetune would cost."""
    settings = settings_from_json(json.loads((folder / SETTINGS).read_bytes()))
    began = time.monotonic()
    moments: list[float] = []

    def observe(_: Progress) -> bool:
        moments.append(time.monotonic())
        return len(moments) > MEASURED_STEPS

    shutil.copytree(data / "photos", folder / "photos")  # a copy of some 2 MB, since not everybody may make links
    enough = max(settings.steps, MEASURED_STEPS + 1)  # the time of a step is between the ends of two
    job = JobFolder(folder).create(replace(settings, own_photos=False, steps=enough), "", start)
    train_job(job, observe)
    memory = job.metrics()[-1]["memory_mb"]
    step = median(after - before for before, after in pairwise(moments))
    validations = settings.steps // settings.schedule.validate_every + 2
    starting = moments[0] - began
    prepared = (job.path / "before.json").stat().st_mtime - (job.path / "job.json").stat().st_mtime
    prepared = min(max(prepared, 0.0), starting)  # the files' times are the clock's, which may have been set
    return Estimate(round(step, 4), round(starting + settings.steps * step + validations * prepared, 1), memory)


if __name__ == "__main__":  # this is the process that ``estimate`` starts
    folder, start, data = map(Path, sys.argv[1:])
    end_with_caller(folder)
    settle()
    (folder / RESULT).write_text(json.dumps(asdict(measure(folder, start, data))), encoding="utf-8")
