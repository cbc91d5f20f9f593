"""A rented finetune is rented once, keeps what was paid for, and leaves alone what waits here."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hub_stand_in import TOKEN, Hub, hub_stand_in
from small_job import small_job

from decloss.jobs.directory import ELSEWHERE, RENTED_AT_MOST, Job, JobState
from decloss.jobs.forecast import waits
from decloss.jobs.hub import remote
from decloss.jobs.hub.rented import cancel, submit, submitted, watch
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError
from decloss.ui.finetune.html import curves

HOSTILE = [
    b'{"step": 1, "steps_per_second": {"x": 1}}',
    b'{"step": 1, "steps_per_second": -2.0}',
    b'{"step": 1, "loss": {}, "steps_per_second": true}',
    b'{"step": 1, "loss": 1' + b"0" * 400 + b"}",
    b'{"step": 1, "validation": {"psnr_y": {}, "lpips": "x"}}',
    b'{"step": 1, "validation": 7}',
]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_stand_in(tmp_path) as hub:
        hub.runs_jobs = False
        yield hub


@pytest.fixture
def job(tmp_path: Path, tiny_checkpoints: Path) -> Job:
    return small_job(tmp_path / "data", tiny_checkpoints)


def test_a_second_click_rents_no_second_machine(hub: Hub, job: Job) -> None:
    submit(job, TOKEN, "t4-small", endpoint=hub.url)
    first = submitted(job)
    with pytest.raises(JobError, match=ELSEWHERE):
        submit(job, TOKEN, "t4-small", endpoint=hub.url)
    assert list(hub.jobs) == ["job0"] and submitted(job) == first


def test_a_rented_finetune_is_not_deleted_before_it_is_cancelled_there(hub: Hub, job: Job) -> None:
    finetunes = Finetunes(job.path.parent.parent)
    submit(job, TOKEN, "t4-small", endpoint=hub.url)
    with pytest.raises(JobError, match=ELSEWHERE):
        finetunes.delete(job)
    assert submitted(job)
    cancel(job, TOKEN, endpoint=hub.url)
    finetunes.delete(job)
    assert not job.exists and hub.jobs["job0"].cancelled


def test_photos_can_be_deleted_once_no_rented_machine_can_still_have_them_in_use(hub: Hub, job: Job) -> None:
    submit(job, TOKEN, "t4-small", endpoint=hub.url)
    long_ago = (job.path / "remote.json").stat().st_mtime - RENTED_AT_MOST
    os.utime(job.path / "remote.json", (long_ago, long_ago))
    Finetunes(job.path.parent.parent).delete(job)
    assert not job.path.exists()


@pytest.mark.parametrize("status", [401, 403])
def test_with_a_token_that_is_refused_it_keeps_its_place_in_the_line(hub: Hub, job: Job, status: int) -> None:
    hub.answers["/create"] = status
    with pytest.raises(JobError):
        submit(job, TOKEN, "t4-small", endpoint=hub.url)
    assert job.state is JobState.WAITING and not job.stop_asked


def test_a_repository_that_is_not_found_is_told_in_a_sentence(hub: Hub, job: Job) -> None:
    hub.answers["/preupload/"] = 404
    sentence = rf"^Hugging Face finds no decloss-{job.name} that this token may see\.$"
    with pytest.raises(JobError, match=sentence):
        submit(job, TOKEN, "t4-small", endpoint=hub.url)


def test_the_curves_of_one_that_had_failed_here_are_copied(hub: Hub, job: Job) -> None:
    job.fail("It ran out of memory.")
    submit(job, TOKEN, "t4-small", endpoint=hub.url)
    hub.repositories[f"visitor/decloss-{job.name}"].files["metrics.jsonl"] = b'{"step": 1, "loss": 0.5}\n'
    watch(job, TOKEN, endpoint=hub.url)
    assert job.metrics() == [{"step": 1, "loss": 0.5}]


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:60].decode())
def test_no_metrics_from_there_break_the_curves_or_the_line_of_others(hub: Hub, job: Job, line: bytes) -> None:
    submit(job, TOKEN, "t4-small", endpoint=hub.url)
    hub.repositories[f"visitor/decloss-{job.name}"].files["metrics.jsonl"] = line + b"\n"
    watch(job, TOKEN, endpoint=hub.url)
    assert waits([job], [job], 1) is None  # no speed is known
    assert curves(job) == ""


def test_an_upload_of_large_files_that_breaks_off_is_tried_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[set[str]] = []

    def break_off_once(api: Any, repository: str, files: dict[str, Any], message: str) -> None:
        tried.append(set(files))
        if len(tried) == 1:
            raise RuntimeError("Error while uploading 'result/x.safetensors' to the Hub.")  # the client's own words

    trainer = SimpleNamespace(returncode=0, wait=lambda seconds: 0)
    job.checkpoint.parent.mkdir()
    job.checkpoint.write_bytes(b"weights")
    monkeypatch.setattr(remote, "upload", break_off_once)
    monkeypatch.setattr(remote, "start_child", lambda *_, **__: trainer)
    monkeypatch.setattr(remote.time, "sleep", lambda seconds: None)
    assert remote.main("visitor/decloss", job.path) == 0
    assert tried == [{"metrics.jsonl", f"result/{job.checkpoint.name}"}] * 2
