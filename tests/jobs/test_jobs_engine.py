"""Finetunes that really run: to their end, stopped, resumed, extended, and failing."""

import os
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from conftest import ROOT, run_python
from safetensors.torch import load_file
from small_job import finished, opened, wait_for_end
from systems import posix
from waiting import wait_for

from decloss.evaluation.scores import list_pairs, load_pair
from decloss.host import child
from decloss.host.steps import Steps
from decloss.jobs import queue, supervisor, worker
from decloss.jobs.directory import Job, JobState
from decloss.jobs.estimate import estimate
from decloss.jobs.photos import prepare_photos
from decloss.jobs.queue import MOST_WAITING, Finetunes
from decloss.jobs.record import JobError
from decloss.jobs.result import check_inference
from decloss.jobs.settings import JobSettings
from decloss.jobs.train import train_job
from decloss.losses import LossSettings
from decloss.models import EDSR
from decloss.zoo.checkpoint import load_checkpoint_file, save_checkpoint

DEC = LossSettings(dec_weight=0.1, positive_share=0.01, mu=16.0)
SETTINGS = JobSettings("tiny-a", DEC, steps=6, batch_size=1, crop=16)
LONG = replace(SETTINGS, steps=2000)


@pytest.fixture
def finetunes(tmp_path: Path, tiny_checkpoints: Path) -> Iterator[Finetunes]:
    with opened(tmp_path / "data", tiny_checkpoints) as finetunes:
        yield finetunes


def test_a_finetune_makes_the_checkpoint_that_the_command_makes(finetunes: Finetunes, tmp_path: Path) -> None:
    prepare_photos(finetunes.data)
    start = ROOT / "checkpoints" / "edsr-l1.safetensors"
    settings = replace(SETTINGS, start="edsr-l1")
    job = finetunes.submit(settings, "me", start)
    wait_for_end(job)
    assert job.state is JobState.FINISHED, job.log_end()
    model = load_checkpoint_file(job.checkpoint)
    card = model.card
    assert card["weights"]["dtype"] == "float16" and card["training"][-1]["step"] == 6 == job.result["steps"]
    assert len(card["training"]) == 1 + len(load_checkpoint_file(start).card["training"])
    before, after = job.result["scores"]["before"], job.result["scores"]["after"]
    assert before["images"] == after["images"] == 3 and 20 < after["psnr_y"] < 40 and before != after
    assert [path.stem for path in job.samples()][:1] == ["00000000"]
    assert [line["step"] for line in job.metrics()] == [1, 2, 3, 4, 5, 6]

    words = shlex.split(settings.command(card))[1:]
    words = [{"PHOTOS": str(job.photos), "OUT": str(tmp_path / "out")}.get(word, word) for word in words]
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))  # as many as the trainer's
    result = run_python(*words)
    assert result.returncode == 0, result.stderr
    same = load_file(tmp_path / "out" / "edsr-l1.safetensors")
    ours = load_file(job.run_path / f"{job.name}.safetensors")
    assert all(torch.equal(value, same[name]) for name, value in ours.items())


def test_stop_keeps_the_checkpoint_and_it_goes_on_ends_early_or_goes_further(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finetunes.submit(LONG, "me", start)
    wait_for(lambda: job.saved_step() >= 20)
    finetunes.stop(job)
    began = time.monotonic()
    wait_for(lambda: job.state is JobState.STOPPED)
    assert time.monotonic() - began < supervisor.GRACE + 1
    saved = job.saved_step()
    assert saved >= 20 and not job.result
    monkeypatch.setattr(worker, "supervise", lambda job, *rest: finished(job))  # without a process of its own
    lost = job.run_path / "samples" / f"{saved + 1:08d}.png"  # of a step after the last checkpoint
    lost.write_bytes(b"")
    finetunes.finish_here(job)
    wait_for_end(job)
    assert not lost.exists()
    assert job.state is JobState.FINISHED and job.result["steps"] == saved, job.log_end()
    with pytest.raises(JobError, match="ask for more"):
        finetunes.resume(job)
    with pytest.raises(JobError, match="1 to 2000"):
        finetunes.resume(job, 2001)
    finetunes.resume(job, saved + 2)
    wait_for_end(job)
    assert job.result["steps"] == saved + 2 and [line["step"] for line in job.metrics()] == list(range(1, saved + 3))
    finetunes.delete(job)
    assert finetunes.of("me") == []


def test_numbers_that_break_are_told_and_nothing_becomes_a_checkpoint(finetunes: Finetunes, tmp_path: Path) -> None:
    network = EDSR(features=8, blocks=1)
    torch.nn.init.constant_(next(network.parameters()), 1e30)
    save_checkpoint(network, tmp_path / "huge.safetensors", {"training": [], "metrics": {}})
    job = finetunes.submit(replace(SETTINGS, start="huge"), "me", tmp_path / "huge.safetensors")
    wait_for_end(job)
    assert job.state is JobState.FAILED and "learning rate" in job.failure and job.result is None
    assert "FloatingPointError" in job.log_end()
    assert not job.checkpoint.exists()


@posix
def test_a_full_disk_is_told_and_the_last_checkpoint_goes_on(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finetunes.create(replace(SETTINGS, steps=60), "me", start)
    with job.lock():
        assert not train_job(job, lambda progress: progress.step >= 20, "cpu")
    job.ask_to_stop()
    saved = job.saved_step()
    assert saved >= 20
    full = (job.run_path / "state" / "latest.safetensors").stat().st_size // 2

    popen = subprocess.Popen
    import resource  # Windows has none

    def on_a_full_disk(*words: Any, **options: Any) -> Any:
        limit = (resource.RLIMIT_FSIZE, (full, full))
        return popen(*words, **options, preexec_fn=lambda: resource.setrlimit(*limit))

    with monkeypatch.context() as patch:
        patch.setattr(child.subprocess, "Popen", on_a_full_disk)
        finetunes.resume(job)
        wait_for_end(job)
    assert job.state is JobState.FAILED and "disk is full" in job.failure, job.log_end()
    assert job.saved_step() == saved
    assert finished(job.queue_again()).state is JobState.FINISHED


def test_a_trainer_that_is_killed_again_and_again_fails_the_job(
    finetunes: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[Path] = []

    def killed(module: str, path: Path, *words: str, log: Any) -> Any:
        starts.append(path)
        return SimpleNamespace(poll=lambda: -9, returncode=-9)

    monkeypatch.setattr(supervisor, "start_child", killed)
    monkeypatch.setattr(supervisor, "end_child", lambda child, grace: None)
    job = finetunes.submit(SETTINGS, "me", start)
    wait_for_end(job)
    assert len(starts) == supervisor.MOST_DEATHS and "memory" in job.failure


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Jobs that neither run nor end before this is set."""
    release = threading.Event()
    monkeypatch.setattr(worker, "supervise", lambda job, *rest: release.wait())
    yield release
    release.set()


def test_one_a_visitor_and_eight_waiting(held: threading.Event, finetunes: Finetunes, start: Path) -> None:
    jobs = [finetunes.submit(SETTINGS, f"visitor {number}", start) for number in range(MOST_WAITING)]
    assert [finetunes.position(job) for job in jobs] == list(range(MOST_WAITING))
    with pytest.raises(JobError, match="8 finetunes are waiting"):
        finetunes.submit(SETTINGS, "one more", start)
    finetunes.stop(jobs[3])
    assert jobs[3].state is JobState.STOPPED and finetunes.position(jobs[4]) == 3
    with pytest.raises(JobError, match="You have a finetune already"):
        finetunes.submit(SETTINGS, "visitor 4", start)
    finetunes.submit(SETTINGS, "one more", start)
    with pytest.raises(JobError, match="8 finetunes are waiting"):
        finetunes.resume(jobs[3])
    held.set()


def test_a_second_app_and_a_useless_directory_are_told(
    finetunes: Finetunes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LONGEST_WAIT", 0.1)
    assert "Another app" in Finetunes(finetunes.data).open()
    (tmp_path / "file").touch()
    assert "cannot be used" in Finetunes(tmp_path / "file").open()


def test_the_line_is_made_anew_in_the_same_order(held: threading.Event, tmp_path: Path, start: Path) -> None:
    seen: list[Job] = []
    first = Finetunes(tmp_path)
    assert first.open() == ""
    jobs = [first.submit(SETTINGS, str(number), start) for number in range(3)]
    first.stop(jobs[1])
    held.set()
    first.close()
    second = Finetunes(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "supervise", lambda job, *rest: seen.append(job) or job.ask_to_stop())
        assert second.open() == ""
        wait_for(lambda: len(seen) == 2)
    second.close()
    assert seen == [jobs[0], jobs[2]]


def test_an_estimate_is_measured_and_a_finetune_that_cannot_run_is_told(tmp_path: Path, start: Path) -> None:
    prepare_photos(tmp_path)
    measuring = Steps(estimate(replace(SETTINGS, own_photos=True), start, tmp_path))
    assert all(seconds >= 0 for seconds in measuring)
    found = measuring.result
    assert found.seconds > 6 * found.seconds_per_step > 0 and found.megabytes > 100
    shutil.copy(start, tmp_path / "broken.safetensors")
    shutil.copy(ROOT / "checkpoints" / "edsr-l1.json", tmp_path / "broken.json")
    with pytest.raises(JobError, match=r"^The trainer .*\.$"):
        list(estimate(SETTINGS, tmp_path / "broken.safetensors", tmp_path))


def test_a_network_that_makes_one_colour_or_no_numbers_is_no_result(finetunes: Finetunes, start: Path) -> None:
    job = finetunes.create(SETTINGS, "me", start)
    lr, _ = load_pair(list_pairs(job.validation_photos)[0])
    assert lr.shape[1] == 3

    class Broken(torch.nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = value

        def forward(self, lr: torch.Tensor) -> torch.Tensor:
            return torch.full((len(lr), 3, 8, 8), self.value)

    for value, message in ((0.5, "one colour"), (float("nan"), "not finite")):
        with pytest.raises(JobError, match=message):
            check_inference(Broken(value), job)
    check_inference(load_checkpoint_file(start), job)
