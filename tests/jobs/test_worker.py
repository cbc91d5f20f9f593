"""What a worker does with its leases while its threads and its loop work on them at the same time."""

from pathlib import Path

import pytest

from decloss.jobs.lease import Lease
from decloss.jobs.line import Line
from decloss.jobs.membership import Membership
from decloss.jobs.queue import Finetunes
from decloss.jobs.worker import Worker, member


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    line = Line()
    return Worker(line, Finetunes(tmp_path, line).find, Membership(line, tmp_path, member("worker", "", "cpu", 2, "1")))


def test_a_job_that_is_taken_again_as_soon_as_it_is_given_back_keeps_its_new_lease(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.line.add("job", 1)
    assert worker._take() == "job"
    first = worker._leases["job"]

    def give_back_and_take(job_id: str) -> bool:  # as the loop of the worker does before the thread goes on
        worker.line.give_back(worker.me.id, job_id)
        return worker._take() == job_id

    monkeypatch.setattr(worker, "_settled", give_back_and_take)
    worker._mind("job", first)
    assert worker._leases["job"] is not first
    worker._renewed = float("-inf")
    worker._renew()
    assert not worker._leases["job"].ending


def test_a_job_that_is_taken_again_before_it_is_given_back_is_not_given_back(worker: Worker) -> None:
    worker.line.add("job", 1)
    assert worker._take() == "job"
    first = worker._leases["job"]
    worker.line.give_back(worker.me.id, "job")  # as if the lease had passed while the whole worker was frozen
    assert worker._take() == "job"
    worker._mind("job", first)
    assert worker.line.read().taken == {"job": worker.me.id} and worker._leases["job"] is not first


def test_leases_are_let_go_while_a_thread_takes_its_own_out(worker: Worker) -> None:
    class EndingLease(Lease):
        def __setattr__(self, name: str, value: float) -> None:
            super().__setattr__(name, value)
            worker._leases.pop("first", None)

    leases = {"first": EndingLease(), "second": Lease()}
    worker._leases.update(leases)
    worker._let_go()
    assert all(lease.ends < float("inf") for lease in leases.values())
