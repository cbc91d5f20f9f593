"""Workers on other machines: a queue in a real PostgreSQL, and losses of every kind."""

import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from shared_queue import LEASE, WorkerProcess, a_page, never_two, new_queue, trainers, wait_for_workers
from small_job import SETTINGS, wait_for_end
from waiting import wait_for

from decloss.jobs.directory import Job, JobState
from decloss.jobs.membership import MARK
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import JobError

TAKEN_UP = 30.0
"""The seconds from the end of a lease until another worker has the job."""
LONG = replace(SETTINGS, steps=2000)
pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")


@pytest.fixture
def url() -> Iterator[str]:
    with new_queue() as address:
        yield address


@pytest.fixture
def page(tmp_path: Path, url: str, tiny_checkpoints: Path) -> Iterator[Finetunes]:
    with a_page(tmp_path / "data", url, tiny_checkpoints) as finetunes:
        yield finetunes


class Wire:
    """A way to the database that can be cut: nothing passes any more, and nobody is told."""

    def __init__(self, url: str) -> None:
        self.target = ("127.0.0.1", int(url.rpartition("@")[2].partition("/")[0].rpartition(":")[2]))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.whole = threading.Event()
        self.whole.set()
        port = self.listener.getsockname()[1]
        self.url = url.replace(f":{self.target[1]}/", f":{port}/")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while content := source.recv(65536):
                self.whole.wait()
                sink.sendall(content)
        except OSError:
            pass
        finally:
            source.close()
            sink.close()


def lose_folder(worker: WorkerProcess) -> None:
    """Let the worker's way to the folder lead to an empty one, as when it is no longer mounted."""
    empty = worker.data.with_name("empty")
    empty.mkdir()
    other = worker.data.with_name("other")
    other.symlink_to(empty)
    other.replace(worker.data)


def what_a_worker_needs(data: Path) -> Path:
    """A folder with no more of ``data`` than docs/deploying.md says that workers need."""
    narrow = data.with_name("narrow")
    narrow.mkdir()
    for name in ("jobs", "photos", MARK):
        (narrow / name).symlink_to(data / name)
    return narrow


LOSSES: dict[str, Callable[[WorkerProcess, Wire], object]] = {
    "killed": lambda worker, wire: worker.kill(),
    "frozen": lambda worker, wire: worker.process.send_signal(signal.SIGSTOP),
    "cut off from the database": lambda worker, wire: wire.whole.clear(),
    "without the folder": lambda worker, wire: lose_folder(worker),
}


def begun_from(job: Job) -> list[int]:
    """The steps from which its trainers began."""
    return [int(step) for step in re.findall(r"from step (\d+)", job.log_path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("loss", LOSSES)
def test_another_worker_goes_on_from_the_last_checkpoint(
    page: Finetunes, url: str, tmp_path: Path, start: Path, loss: str
) -> None:
    way = tmp_path / "way"
    way.symlink_to(page.data)
    wire = Wire(url)
    first = WorkerProcess("first", way, wire.url, tmp_path / "first.txt", apart=False)
    second = WorkerProcess("second", page.data, url, tmp_path / "second.txt")
    with never_two(page.jobs), first:
        job = page.submit(LONG, "me", start)
        wait_for(lambda: job.saved_step() >= 20)
        assert page.where(job) == "first" and job.state is JobState.RUNNING
        with second:
            wait_for_workers(page, "first", "second")
            saved = job.saved_step()
            LOSSES[loss](first, wire)
            wait_for(lambda: page.where(job) == "second", LEASE + TAKEN_UP)
            wait_for(lambda: len(begun_from(job)) == 2 and job.saved_step() > begun_from(job)[1])
            assert begun_from(job)[0] == 0 and begun_from(job)[1] >= saved
            wire.whole.set()
            page.stop(job)
            wait_for_end(job)
    assert job.state is JobState.STOPPED, job.log_end()
    assert [line["step"] for line in job.metrics()] == list(range(1, job.saved_step() + 1))


def test_sigterm_saves_and_gives_back_and_a_job_is_stopped_from_any_page(
    page: Finetunes, url: str, tmp_path: Path, tiny_checkpoints: Path, start: Path
) -> None:
    job = page.submit(LONG, "me", start)
    assert job.state is JobState.WAITING and page.standing().seconds(job.id) is None  # there are no workers
    with WorkerProcess("first", page.data, url, tmp_path / "first.txt") as first:
        wait_for(lambda: job.saved_step() > 0)
    assert first.process.returncode == 0, first.log.read_text(encoding="utf-8")
    assert "saved and given back" in first.log.read_text(encoding="utf-8")
    assert page.line.read().taken == {} and page.line.waiting() == {job.id} and not trainers(page.jobs)
    with a_page(page.data, url, tiny_checkpoints) as other:
        assert [found.id for found in other.of("me")] == [job.id]
        for finetunes in (page, other):  # one a visitor over all pages
            with pytest.raises(JobError, match="You have a finetune already"):
                finetunes.submit(LONG, "me", start)
        with WorkerProcess("second", what_a_worker_needs(page.data), url, tmp_path / "second.txt"):
            wait_for(lambda: page.where(job) == "second" and job.phase == "training")
            with pytest.raises(JobError, match="still running"):
                job.delete()
            other.stop(other.find(job.id))
            wait_for(lambda: job.state is JobState.STOPPED)
            page.resume(job)
            wait_for(lambda: other.where(job) == "second")
            other.delete(other.find(job.id))
            wait_for(lambda: page.line.read().taken == {})
    assert page.all() == [] and page.line.waiting() == set()


def test_what_a_killed_page_left_outside_the_line_is_brought_in(page: Finetunes, start: Path) -> None:
    job = page.create(SETTINGS, "me", start).queue_again()  # and then it was killed
    wait_for(lambda: page.line.waiting() == {job.id})


def test_where_the_queue_was_lost_it_is_made_anew_in_the_same_order(
    page: Finetunes, tmp_path: Path, tiny_checkpoints: Path, start: Path
) -> None:
    jobs = [page.submit(SETTINGS, str(number), start) for number in range(4)]
    page.stop(jobs[1])
    page.close()
    with new_queue() as other, a_page(page.data, other, tiny_checkpoints) as finetunes:
        assert [finetunes.line.take(f"worker {number}") for number in range(4)] == [
            *(job.id for job in (jobs[0], jobs[2], jobs[3])),
            None,
        ]


def test_the_trainer_of_a_frozen_worker_ends_before_its_lease_does(
    page: Finetunes, url: str, tmp_path: Path, start: Path
) -> None:
    job = page.submit(LONG, "me", start)
    with WorkerProcess("first", page.data, url, tmp_path / "first.txt") as worker:
        wait_for(lambda: job.phase == "training")
        worker.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: job.id not in page.line.read().taken, 2 * LEASE)
        assert trainers(page.jobs) == {}
        assert os.kill(worker.process.pid, 0) is None  # it is still there, frozen


def test_a_job_that_two_want_at_one_moment_is_trained_by_one(page: Finetunes, start: Path) -> None:
    jobs = [page.submit(SETTINGS, str(number), start) for number in range(6)]
    taken: list[str | None] = []
    together = threading.Barrier(8)

    def take(number: int) -> None:
        together.wait()
        taken.append(page.line.take(f"worker {number}"))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, taken)) == sorted(job.id for job in jobs) and taken.count(None) == 2
