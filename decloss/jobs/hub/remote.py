"""A finetune on a rented machine, started by Hugging Face Jobs: ``python -m decloss.jobs.hub.remote REPOSITORY JOB``.

JOB is the job's directory, downloaded from REPOSITORY, to which go metrics.jsonl while it trains, result/ when it is
finished, and log.txt when it has failed. The token is in the environment, where the service puts its secrets.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, get_session
from huggingface_hub.errors import HTTPError

from decloss.host.child import start_child
from decloss.jobs.directory import Job
from decloss.jobs.hub.push import REQUEST_TIMEOUT, upload

EVERY = 20.0
"""The seconds between two looks at the metrics."""
ATTEMPTS = 5
"""How often the last upload is tried, without which all was for nothing."""


def main(repository: str, path: Path) -> int:
    """Train the job in ``path``, upload what comes of it, and return the trainer's exit status; 1 without an upload."""
    get_session().timeout = REQUEST_TIMEOUT  # by default an upload may wait for ever
    api, job, sent = HfApi(), Job(path), b""
    with job.log_path.open("wb") as log:
        trainer = start_child("decloss.jobs.trainer", path, log=log)
    while _wait(trainer) is None:
        if (metrics := _metrics(job)) != sent and _uploaded(api, repository, {"metrics.jsonl": metrics}):
            sent = metrics
            print(f"step {job.steps_done()} of {job.settings.steps}", flush=True)
    files: dict[str, Any] = {"metrics.jsonl": _metrics(job)}
    if trainer.returncode == 0:
        files |= {f"result/{file.name}": file for file in (job.path / "result").iterdir()}
    else:
        files["log.txt"] = job.log_path
        print(job.log_end(), flush=True)
    for attempt in range(ATTEMPTS):
        if _uploaded(api, repository, files):
            return trainer.returncode
        time.sleep(2**attempt)
    return 1


def _wait(trainer: subprocess.Popen[bytes]) -> int | None:
    try:
        return trainer.wait(EVERY)
    except subprocess.TimeoutExpired:
        return None


def _metrics(job: Job) -> bytes:
    path = job.run_path / "metrics.jsonl"
    return path.read_bytes() if path.exists() else b""


def _uploaded(api: HfApi, repository: str, files: dict[str, Any]) -> bool:
    """Upload ``files`` and return whether that worked: a network that fails must not end the training."""
    try:
        upload(api, repository, files, "from the running finetune")
    except (HTTPError, OSError, RuntimeError) as error:  # the client raises the last for large files
        print(f"the upload failed: {type(error).__name__}", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
