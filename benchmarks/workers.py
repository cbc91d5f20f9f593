"""How much faster two workers finish a queue of short finetunes than one, on one machine, with one thread each.

    eval "$(.ci/postgres start FOLDER)"          # or any PostgreSQL in which databases may be made
    python -m benchmarks.workers --server "$DECLOSS_TEST_POSTGRES"            # minutes on two idle cores

Each round lets one worker finish the queue and then two; the database and the folder are new each time. What is timed
begins when the workers wait and the finetunes are queued, and ends when the last one is finished.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from decloss.jobs.directory import JobState
from decloss.jobs.line import Line
from decloss.jobs.queue import Finetunes
from decloss.jobs.settings import JobSettings
from decloss.losses import LossSettings
from decloss.zoo.registry import shipped_folder

ROOT = Path(__file__).resolve().parent.parent
START = "edsr-l1"


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of a database of its own, which is removed at the end."""
    address = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine, name = sa.create_engine(address, isolation_level="AUTOCOMMIT"), f"decloss_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        try:
            yield address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def worker(url: str, data: Path, name: str) -> Iterator[None]:
    environment = {**os.environ, "DECLOSS_QUEUE": url, "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "decloss", "worker", "--data", str(data), "--name", name, "--device", "cpu"]
    process = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def seconds(server: str, workers: int, jobs: int, steps: int) -> float:
    """Return how long ``workers`` take to finish ``jobs`` finetunes of ``steps`` steps."""
    settings = JobSettings(START, LossSettings(dec_weight=0.1, positive_share=0.1), steps=steps, batch_size=2, crop=24)
    with new_database(server) as url, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        finetunes = Finetunes(Path(folder), Line(url))
        if missing := finetunes.open():
            raise SystemExit(missing)
        stack.callback(finetunes.close)
        for number in range(workers):
            stack.enter_context(worker(url, Path(folder), f"worker {number}"))
        while len(finetunes.line.read().workers) < workers:
            time.sleep(0.1)
        began = time.perf_counter()
        asked = [
            finetunes.submit(settings, str(number), shipped_folder() / f"{START}.safetensors") for number in range(jobs)
        ]
        while any(job.state is not JobState.FINISHED for job in asked):
            if failed := [job.failure for job in asked if job.failure]:
                raise SystemExit(failed[0])
            time.sleep(0.1)
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, metavar="URL", help="postgresql://…, where databases may be made")
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    ratios = []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.jobs} finetunes of {options.steps} steps\n")
    print("| round | one worker, s | two workers, s | times as fast |\n|--:|--:|--:|--:|")
    for number in range(options.rounds):
        one, two = (seconds(options.server, workers, options.jobs, options.steps) for workers in (1, 2))
        ratios.append(one / two)
        print(f"| {number + 1} | {one:.1f} | {two:.1f} | {one / two:.2f} |", flush=True)
    print(f"\nmedian: {median(ratios):.2f} times")


if __name__ == "__main__":
    main()
