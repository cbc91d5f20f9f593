"""A finetune of seconds: a tiny network, small photos, a few steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import sample_photo
from waiting import wait_for

from decloss.files.atomic import write_atomically
from decloss.files.images import encode_png
from decloss.jobs import queue
from decloss.jobs.directory import Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.queue import Finetunes
from decloss.jobs.result import make_result
from decloss.jobs.settings import JobSettings
from decloss.jobs.train import train_job
from decloss.losses import LossSettings

SETTINGS = JobSettings("tiny-a", LossSettings(dec_weight=0.1, eta=20.0), steps=4, batch_size=1, crop=16)


def small_job(data: Path, checkpoints: Path, owner: str = "somebody", **changes: Any) -> Job:
    """A job in the data directory ``data``, which gets two photos to train on and one to measure on."""
    for seed, name in enumerate(("training/a", "training/b", "validation/v")):
        write_atomically(data / "photos" / f"{name}.png", encode_png(sample_photo(96, 104, seed)))
    settings = replace(SETTINGS, **changes)
    own = [sample_photo(96, 96, 7)] if settings.own_photos else []
    return JobFolder(data).create(settings, owner, checkpoints / "tiny-a.safetensors", own)


@contextmanager
def opened(data: Path, checkpoints: Path) -> Iterator[Finetunes]:
    """The finetunes of ``data``, open, over the small photos."""
    small_job(data, checkpoints).delete()
    finetunes = Finetunes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "prepare_photos", lambda data: None)
        assert finetunes.open() == ""
        yield finetunes
        finetunes.close()


def finished(job: Job) -> Job:
    """``job``, trained here to its end, with its result."""
    with job.lock():
        assert train_job(job, lambda progress: False, "cpu")
        make_result(job)
    return job


def wait_for_end(job: Job) -> None:
    wait_for(lambda: job.state in (JobState.FINISHED, JobState.FAILED, JobState.STOPPED))
