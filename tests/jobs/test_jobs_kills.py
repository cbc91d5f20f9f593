"""Kills at random moments: no finetune is lost, none is trained by two at once."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from safetensors.torch import load_file
from test_jobs_engine import SETTINGS
from waiting import wait_for

from decloss.jobs.directory import Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.photos import prepare_photos

KILLS = 8
STEPS = (60, 50, 40)


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts the app over ``tmp_path``, and ends the one before it, and all at the end, by a kill."""
    apps: list[subprocess.Popen[str]] = []
    command = [sys.executable, str(ROOT / "tests" / "jobs" / "finetune_app.py"), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def end() -> None:
        for app in apps:
            app.kill()
            app.wait()

    def start() -> "subprocess.Popen[str]":
        end()
        apps.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        output = apps[-1].stdout
        assert output is not None and output.readline() == "open\n"
        return apps[-1]

    yield start
    end()


def trainers(data: Path) -> list[int]:
    """Process ids of the trainers below ``data``; any of them may be gone by now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"decloss.jobs.trainer" in words and any(word.startswith(bytes(data)) for word in words):
            found.append(int(path.parent.name))
    return found


def kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_kills_of_app_and_trainer_lose_nothing_and_never_let_two_train(
    start_app: Callable[[], "subprocess.Popen[str]"], tmp_path: Path, tiny_checkpoints: Path
) -> None:
    folder = JobFolder(tmp_path)
    start = tiny_checkpoints / "tiny-a.safetensors"
    prepare_photos(tmp_path)
    jobs = [folder.create(replace(SETTINGS, steps=steps), str(steps), start).queue_again() for steps in STEPS]
    rng = random.Random(0)
    start_app()
    for number in range(KILLS):
        wait_for(lambda: trainers(tmp_path) or all(job.state is JobState.FINISHED for job in jobs))
        time.sleep(rng.uniform(0, 2.5))  # while it imports, trains, saves or measures
        if number % 2:
            for process in trainers(tmp_path):
                kill(process)
        else:
            start_app()
    if unfinished := [job for job in jobs if job.state is not JobState.FINISHED]:
        start_app()
        wait_for(lambda: unfinished[0].locked or unfinished[0].state is JobState.FINISHED)  # nobody has to ask for it
    wait_for(lambda: all(job.state in (JobState.FINISHED, JobState.FAILED) for job in jobs), 600)
    assert [job.state for job in jobs] == [JobState.FINISHED] * len(jobs), [job.log_end() for job in jobs]
    for job, steps in zip(jobs, STEPS, strict=True):
        # Two trainers at once would have written steps twice, or out of order.
        assert [line["step"] for line in job.metrics()] == list(range(1, steps + 1))
        assert job.result["steps"] == steps
    assert_same_as_without_kills(jobs[-1], folder.create(jobs[-1].settings, "again", start))


def assert_same_as_without_kills(job: Job, again: Job) -> None:
    """Bit for bit."""
    command = [sys.executable, "-m", "decloss.jobs.trainer", str(again.path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, env=environment) as trainer:
        assert trainer.wait(timeout=240) == 0
    same = load_file(again.run_path / f"{again.name}.safetensors")
    ours = load_file(job.run_path / f"{job.name}.safetensors")
    assert all(torch.equal(value, same[name]) for name, value in ours.items())
