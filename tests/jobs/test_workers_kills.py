"""Two pages, three workers, twelve finetunes, twenty kills, a restart of the database, and nothing is lost."""

import random
import secrets
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import torch
from gradio_client import Client
from safetensors.torch import load_file
from shared_queue import PageProcess, WorkerProcess, a_page, never_two, new_queue, restart, trainers, wait_for_workers
from small_job import finished
from waiting import wait_for

from decloss.jobs.directory import ACTIVE, Job, JobState
from decloss.jobs.folder import JobFolder

JOBS, STEPS, KILLS = 12, 30, 20
NAMES = ("first", "second", "third")


def ask(page: PageProcess, number: int) -> str:
    """Ask for a finetune as a visitor of ``page``; return its id."""
    client = Client(page.address, verbose=False)
    settings = {"start": "tiny-a", "steps": STEPS, "dec_weight": 0.1, "batch": 1, "crop": 16}
    job, _ = client.predict(**settings, seed=number, owner=secrets.token_urlsafe(32), api_name="/finetune")
    client.close()
    return str(job)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_kills_of_pages_and_workers_and_a_restart_of_the_database_lose_nothing(
    tmp_path: Path, tiny_checkpoints: Path
) -> None:
    data, rng = tmp_path / "data", random.Random(0)
    with new_queue() as url, a_page(data, url, tiny_checkpoints) as watching, ExitStack() as stack:
        pages = [PageProcess(data, url, tiny_checkpoints, tmp_path / f"page {number}") for number in range(2)]
        for page in pages:
            stack.enter_context(page)
        for page in pages:
            page.wait()
        jobs = [watching.find(ask(pages[number % 2], number)) for number in range(JOBS)]
        assert [watching.position(job) for job in jobs] == list(range(JOBS))
        workers = [WorkerProcess(name, data, url, tmp_path / f"{name}.txt") for name in NAMES]
        stack.enter_context(never_two(watching.jobs))
        for worker in workers:
            stack.enter_context(worker)
        wait_for_workers(watching, *NAMES)
        victims = [*pages, *(workers * 6)]
        rng.shuffle(victims)
        assert len(victims) == KILLS
        for number, victim in enumerate(victims):
            wait_for(lambda: trainers(watching.jobs) or over(jobs))
            time.sleep(rng.uniform(0, 2))
            victim.kill()
            victim.start()
            if number == KILLS // 2:
                restart()
        wait_for(lambda: over(jobs), 600)
        for page in pages:
            page.wait()
    assert [job.state for job in jobs] == [JobState.FINISHED] * JOBS, [job.log_end() for job in jobs]
    for job in jobs:
        assert [line["step"] for line in job.metrics()] == list(range(1, STEPS + 1))
        assert job.result is not None and job.result["steps"] == STEPS
    torch.set_num_threads(1)  # as many as the trainers'
    last = jobs[-1]
    again = finished(
        JobFolder(data).create(last.settings, "me", tiny_checkpoints / "tiny-a.safetensors")
    )  # without kills
    same = load_file(again.run_path / f"{again.name}.safetensors")
    ours = load_file(last.run_path / f"{last.name}.safetensors")
    assert all(torch.equal(value, same[name]) for name, value in ours.items())


def over(jobs: list[Job]) -> bool:
    return all(job.state not in ACTIVE for job in jobs)
