"""What a finetune will cost, from steps that are measured in a process of their own."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from decloss.jobs.causes import explain
from decloss.jobs.directory import JobError
from decloss.jobs.folder import JobFolder
from decloss.jobs.settings import JobSettings, settings_from_json, settings_to_json
from decloss.jobs.trainer import own_environment, settle, train_job
from decloss.training.trainer import Progress

MEASURED_STEPS = 3
LONGEST = 180
"""Seconds after which measuring is given up."""


@dataclass(frozen=True)
class Estimate:
    """Measured on this machine, with whatever else it was doing."""

    seconds_per_step: float
    seconds: float
    """For the whole run, measuring included."""
    megabytes: int | None
    """The most memory that the process took; None where the system does not say."""


def estimate(settings: JobSettings, start: Path, data: Path) -> Estimate:
    """Measure a few steps on the built-in photos, in a process of their own.

    Args:
        settings: of the finetune.
        start: the checkpoint to start from.
        data: the data directory, for its photos.

    Raises:
        JobError: if the steps do not work, or take too long; the message is a sentence.
    """
    command = [sys.executable, "-m", "decloss.jobs.estimate", str(start), str(data)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(settings_to_json(settings)),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            env=own_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise JobError(f"{MEASURED_STEPS} steps take over {LONGEST} s here: choose a smaller batch or crop.") from None
    if done.returncode:
        raise JobError(explain(done.returncode, done.stderr))
    return Estimate(**json.loads(done.stdout.splitlines()[-1]))


def measure(settings: JobSettings, start: Path, data: Path) -> Estimate:
    """Train a few steps of a job that is thrown away."""
    began = time.monotonic()
    moments: list[float] = []

    def observe(_: Progress) -> bool:
        moments.append(time.monotonic())
        return len(moments) > MEASURED_STEPS

    with tempfile.TemporaryDirectory(prefix="decloss-estimate-") as name:
        folder = JobFolder(Path(name))
        (Path(name) / "photos").symlink_to(data.resolve() / "photos", target_is_directory=True)
        job = folder.create(replace(settings, own_photos=False), "", start)
        train_job(job, observe)
        memory = job.metrics()[-1]["memory_mb"]
        prepared = (job.path / "before.json").stat().st_mtime - (job.path / "job.json").stat().st_mtime
    step = median(after - before for before, after in pairwise(moments))
    validations = settings.steps // settings.schedule.validate_every + 2
    starting = moments[0] - began
    return Estimate(round(step, 4), round(starting + settings.steps * step + validations * prepared, 1), memory)


def main() -> None:
    """Read the settings from standard input, print the estimate."""
    settle()
    settings = settings_from_json(json.loads(sys.stdin.read()))
    print(json.dumps(asdict(measure(settings, Path(sys.argv[1]), Path(sys.argv[2])))))


if __name__ == "__main__":
    main()
