"""The same finetune on Hugging Face Jobs: hardware that the visitor rents there, with their own token.

A private repository of the visitor holds all that the rented machine needs (``decloss.jobs.hub.parcel``), so that
nothing has to be published, and gets what comes of it (``decloss.jobs.hub.remote``). JOB/remote.json says where it
runs. While it does, the job is marked as stopped, so that nobody trains it here as well. The service keeps the token as
a secret of the rented machine, which needs it for this repository; we do not keep it.
"""

import json
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from decloss.files.atomic import write_atomically
from decloss.jobs.directory import ELSEWHERE, LOG_TAIL, SENDING, Job, JobState
from decloss.jobs.hub.parcel import contents, script
from decloss.jobs.hub.push import connect, plain_errors, upload
from decloss.jobs.hub.remote_result import check_result, read_metrics
from decloss.jobs.record import COPY, JobError, json_file
from decloss.training.run_directory import RunDirectory

try:
    import huggingface_hub
except ImportError:  # it is optional, as in decloss.jobs.hub.push
    huggingface_hub = None

IMAGE = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"
"""The container that is started there; it has torch and torchvision."""
TIMEOUT = "1h"
"""The time after which the service ends the training, whatever it has done."""
FAILED = ("ERROR", "CANCELED", "DELETED")
MOST_LOG_LINES = 60
REMOTE = "remote.json"
"""A file beside the record: as long as it is there, nobody trains the job here."""
CLAIM = threading.Lock()
"""Whoever looks whether a job is elsewhere already, to send it, holds this one."""


@dataclass(frozen=True)
class Remote:
    """What the service says of a job."""

    stage: str
    """One of SCHEDULING, RUNNING, COMPLETED, ERROR, CANCELED and DELETED."""
    message: str
    """What the service says of the stage, if anything."""
    log: str
    """The end of what was printed there, once it has failed."""
    url: str
    """The address of the job's page, for the one who pays."""


def flavors() -> list[str]:
    """Return the hardware to choose from, by the installed client's list: with one GPU at most, as we train on one."""
    if huggingface_hub is None:
        return []
    kinds = huggingface_hub.JobHardware
    if not issubclass(kinds, Enum):  # a client before 2.0, where Jobs and Spaces share one list
        kinds = huggingface_hub.SpaceHardware
    return [kind.value for kind in kinds if not re.search(r"^zero|x[2-9]$", kind.value)]


def submit(job: Job, token: str, flavor: str, *, endpoint: str | None = None) -> str:
    """Upload ``job`` to a private repository of the visitor and start it there, from where it stopped here.

    Args:
        job: a job that is not running here; it will not run here until it is resumed.
        token: a token that may write repositories and run jobs.
        flavor: one of ``flavors()``.
        endpoint: the Hub's address; by default HF_ENDPOINT, or the public one.

    Returns:
        The address of its page for the one who pays.

    Raises:
        JobError: if that did not work; the message is one sentence.
    """
    api = connect(token, endpoint)
    if flavor not in flavors():
        raise JobError("Choose one of the kinds of hardware in the list.")
    _require_rest(job)
    if job.elsewhere:
        raise JobError(ELSEWHERE)
    if job.state is JobState.FINISHED:
        raise JobError("It is finished: ask for more steps first.")
    with plain_errors(f"decloss-{job.name}"):
        owner = api.whoami()["name"]
        repository = f"{owner}/decloss-{job.name}"
        api.create_repo(repository, private=True, exist_ok=True)
        if not api.repo_info(repository).private:
            raise JobError(f"{repository} is public: make it private, or your photos would be too.")
        _require_rest(job)  # its turn may have come meanwhile
        job.ask_to_stop()  # only now, since with a wrong token it keeps its place in the line
        upload(api, repository, dict(contents(job)), f"{job.name}, to be trained")
        with _sending(job):  # another page of the same visitor may have been faster
            if not job.stop_asked:
                raise JobError("It goes on here again: stop it first.")
            started = api.run_job(
                image=IMAGE,
                command=["bash", "-c", script(repository, job)],
                env={"HF_ENDPOINT": api.endpoint},
                secrets={"HF_TOKEN": token},
                flavor=flavor,
                timeout=TIMEOUT,
                labels={"name": job.name},
                namespace=owner,
            )
            remote = {"job": started.id, "repository": repository, "flavor": flavor, "url": started.url}
            try:
                write_atomically(job.path / REMOTE, json_file(remote))
            except OSError as error:  # without that file nobody here could cancel it
                api.cancel_job(job_id=started.id, namespace=owner)
                raise JobError("The disk here is full: it was cancelled there.") from error
    return str(started.url)


@contextmanager
def _sending(job: Job) -> Iterator[None]:
    """Let ``job`` count as elsewhere in this block; raise a ``JobError`` if it is that already."""
    with CLAIM:
        if job.elsewhere:
            raise JobError(ELSEWHERE)
        SENDING.add(job.id)
    try:
        yield
    finally:
        SENDING.discard(job.id)


def _require_rest(job: Job) -> None:
    if job.locked:
        raise JobError("It is running here: stop it first.")


def submitted(job: Job) -> dict[str, str] | None:
    """Return what ``submit`` wrote: "job", "repository", "flavor", "url"; None if it was not submitted."""
    try:
        found: dict[str, str] = json.loads((job.path / REMOTE).read_bytes())
    except (OSError, ValueError):
        return None
    return found


def watch(job: Job, token: str, *, endpoint: str | None = None) -> Remote:
    """Ask how the job does there, and copy its metrics here, for the curves.

    Raises:
        JobError: if that did not work; the message is one sentence.
    """
    api, remote = _find(job, token, endpoint)
    with plain_errors("job of yours"), tempfile.TemporaryDirectory() as folder:
        found = api.inspect_job(job_id=remote["job"], namespace=_owner(remote))
        stage, log = str(getattr(found.status.stage, "value", found.status.stage)), ""
        if stage in FAILED:
            lines = api.fetch_job_logs(job_id=remote["job"], namespace=_owner(remote), tail=MOST_LOG_LINES)
            log = "\n".join(lines).replace(token, "(token)")[-LOG_TAIL:]
        metrics = read_metrics(api, remote["repository"], Path(folder), job.settings.steps)
    local = job.run_path / "metrics.jsonl"
    resting = job.state in (JobState.STOPPED, JobState.FAILED)  # it may have failed here before it was sent
    if metrics and resting and not (local.exists() and local.read_bytes() == metrics):
        write_atomically(local, metrics)
    return Remote(stage, str(found.status.message or "").replace(token, "(token)"), log, remote["url"])


def cancel(job: Job, token: str, *, endpoint: str | None = None) -> None:
    """End the job there; what it has done since it was submitted is lost.

    Raises:
        JobError: if that did not work; the message is one sentence.
    """
    api, remote = _find(job, token, endpoint)
    with plain_errors("job of yours"):
        api.cancel_job(job_id=remote["job"], namespace=_owner(remote))
    RunDirectory(job.run_path, resume=True).forget_after(job.saved_step())
    (job.path / REMOTE).unlink(missing_ok=True)


def fetch(job: Job, token: str, *, endpoint: str | None = None) -> None:
    """Download the finished result, check it as strictly as any stranger's file, and put it into JOB/result.

    Raises:
        JobError: if there is none yet, or it is not what this job can have made; the message is one sentence.
    """
    api, remote = _find(job, token, endpoint)
    with plain_errors(remote["repository"]), tempfile.TemporaryDirectory() as folder:
        files = check_result(api, remote["repository"], job, Path(folder))
    write_atomically(job.path / COPY, json_file(job.record))
    for name, content in files.items():  # result.json comes last: with it, the job is finished
        write_atomically(job.path / "result" / name, content)
    (job.path / REMOTE).unlink(missing_ok=True)


def _find(job: Job, token: str, endpoint: str | None) -> tuple[Any, dict[str, str]]:
    remote = submitted(job)
    if remote is None:
        raise JobError("This finetune was not sent to Hugging Face Jobs.")
    return connect(token, endpoint), remote


def _owner(remote: dict[str, str]) -> str:
    return remote["repository"].split("/")[0]
