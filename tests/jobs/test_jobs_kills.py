"""Kills at random moments: no finetune is lost, none is trained by two at once."""

import contextlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from finetune_app import mind_finetunes
from safetensors.torch import load_file
from small_job import finished, small_job
from waiting import wait_for

from decloss.jobs.directory import JobState

KILLS = 6
STEPS = (60, 50, 40)
TAKEN_UP = 10.0
"""Seconds from the start of an app until its job is trained again."""


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Starts the app over ``tmp_path``, and ends the one before it, and all at the end, by a kill."""
    apps: list[Any] = []
    forks = multiprocessing.get_context("forkserver")  # torch and the queue are imported once for all apps
    forks.set_forkserver_preload(["decloss.jobs.queue"])

    def end() -> None:
        for app in apps:
            app.kill()
            app.join()

    def start() -> None:
        end()
        receiver, sender = forks.Pipe(duplex=False)
        apps.append(forks.Process(target=mind_finetunes, args=(tmp_path, sender)))
        apps[-1].start()
        assert receiver.poll(120) and receiver.recv() == ""

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
    start_app: Callable[[], None], tmp_path: Path, tiny_checkpoints: Path
) -> None:
    jobs = [small_job(tmp_path, tiny_checkpoints, steps=steps).queue_again() for steps in STEPS]
    rng = random.Random(0)

    def over() -> bool:
        return all(job.state is JobState.FINISHED for job in jobs)

    start_app()
    for number in range(KILLS):
        wait_for(lambda: trainers(tmp_path) or over())
        if number >= KILLS // 2:
            wait_for(lambda: any(job.locked for job in jobs) or over())
        time.sleep(rng.uniform(0, 1))  # first while it imports, then while it trains, saves or measures
        if number % 2:
            for process in trainers(tmp_path):
                kill(process)
        else:
            start_app()
    if unfinished := [job for job in jobs if job.state is not JobState.FINISHED]:
        start_app()
        # Nobody has to ask for it.
        wait_for(lambda: unfinished[0].locked or unfinished[0].state is JobState.FINISHED, TAKEN_UP)
    wait_for(lambda: all(job.state in (JobState.FINISHED, JobState.FAILED) for job in jobs), 600)
    assert [job.state for job in jobs] == [JobState.FINISHED] * len(jobs), [job.log_end() for job in jobs]
    for job, steps in zip(jobs, STEPS, strict=True):
        # Two trainers at once would have written steps twice, or out of order.
        assert [line["step"] for line in job.metrics()] == list(range(1, steps + 1))
        assert job.result["steps"] == steps
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))  # as many as the trainer's
    again = finished(small_job(tmp_path, tiny_checkpoints, steps=STEPS[-1]))  # without kills
    same = load_file(again.run_path / f"{again.name}.safetensors")
    ours = load_file(jobs[-1].run_path / f"{jobs[-1].name}.safetensors")
    assert all(torch.equal(value, same[name]) for name, value in ours.items())
