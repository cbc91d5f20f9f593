"""The line of finetunes in both databases, who may share it, leases, and how long a wait is."""

import math
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, run_python
from shared_queue import a_page, new_queue
from small_job import SETTINGS, small_job

from decloss.cli import main
from decloss.jobs import line as module
from decloss.jobs.forecast import Standing, begin, waits
from decloss.jobs.lease import Lease, last_told
from decloss.jobs.line import Line, LineError
from decloss.jobs.membership import MARK, Membership, MembershipError
from decloss.jobs.queue import MOST_WAITING_SHARED, Finetunes
from decloss.jobs.tables import JOBS, MEMBERS
from decloss.jobs.worker import Worker, member

NOWHERE = "postgresql://somebody:secret@127.0.0.1:9/nothing"


@pytest.fixture(params=["memory", "PostgreSQL"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    if request.param == "memory":
        yield Line()
        return
    with new_queue() as url:
        line = Line(url, 60.0)
        line.make_tables()
        yield line
        line.close()


def test_jobs_are_taken_in_order_by_one_worker_each(line: Line) -> None:
    for place, job in ((3, "c"), (9, "a"), (2, "b"), (1, "a")):  # what was stopped and goes on has another place
        line.add(job, place)
    assert [line.take(worker) for worker in ("x", "y", "x")] == ["a", "b", "c"] and line.take("y") is None
    line.remove("b", "x")  # which it does not have
    line.give_back("x", "b")
    assert line.read().taken == {"a": "x", "b": "y", "c": "x"}
    line.give_back("x", "a")
    assert line.take("y") == "a"
    line.leave("y")
    assert line.read().taken == {"c": "x"} and line.waiting() == {"a", "b", "c"}
    line.remove("c", "x")
    assert line.waiting() == {"a", "b"}


def later(line: Line, seconds: float) -> None:
    """Let so much of every lease and of every member's time pass."""
    with line._begun() as connection:
        for table in (JOBS, MEMBERS):
            connection.execute(table.update().values(until=table.c.until - seconds))


def test_only_a_lease_that_is_not_over_can_be_put_off(line: Line) -> None:
    mine, other = (member("worker", name, "cpu", 1, "1") for name in "xy")
    line.add("a", 1)
    assert line.take(mine.id) == "a" and line.renew(mine) == {"a"}
    if not line.shared:
        assert math.isinf(line.lease) and line.take(other.id) is None  # it ends with the app
        return
    later(line, 40)
    assert line.renew(mine) == {"a"}
    later(line, 40)
    assert line.take(other.id) is None
    later(line, 30)
    assert line.renew(mine) == set() and line.take(other.id) == "a"
    assert [worker.name for worker in line.read().workers] == ["x"]  # the other has not said that it is there
    later(line, 70)
    assert line.read().members == ()


def test_alone_is_one_at_a_time(line: Line) -> None:
    inside, most = 0, 0

    def enter() -> None:
        nonlocal inside, most
        with line.alone():
            inside += 1
            most = max(most, inside)
            line.add(str(threading.get_ident()), 1)
            time.sleep(0.02)
            inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_database_that_does_not_answer_is_told_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    line = Line(NOWHERE)
    with pytest.raises(LineError, match="does not answer"):
        line.waiting()
    assert line.now().taken == {} and "secret" not in caplog.text


@pytest.mark.parametrize("url", ["mysql://secret@host/x", "http://secret", "secret", "sqlite:///secret", "a:/\0secret"])
def test_other_addresses_are_refused_without_repeating_them(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="postgresql://user:password@host/database") as refused:
        Line(url)
    assert "secret" not in str(refused.value)
    assert main(["worker", "--queue", url]) == 2
    assert "secret" not in capsys.readouterr().err


def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DECLOSS_QUEUE", raising=False)
    for words, message in (
        ([], "--queue is missing"),
        (["--queue", NOWHERE, "--at-once", "0"], "at_once must be from 1 to 64"),
        (["--queue", NOWHERE, "--lease", "1"], "lease must be from 5"),
        (["--queue", NOWHERE], "does not answer"),
    ):
        assert main(["worker", "--data", str(tmp_path), *words]) == 2
        assert message in capsys.readouterr().err
    app = subprocess.run(
        [sys.executable, "app.py", "--port", "0", "--queue", NOWHERE, "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False,
    )  # fmt: skip
    assert app.returncode == 2 and "secret" not in app.stderr


def join(line: Line, data: Path, kind: str, version: str) -> Membership:
    membership = Membership(line, data, member(kind, kind, "cpu", 1, version))
    membership.join()
    return membership


def test_all_are_of_one_version_and_see_one_folder(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    data.mkdir()
    other.mkdir()
    with new_queue() as url:
        line = Line(url, 60.0)
        with pytest.raises(MembershipError, match="No page has used this queue yet"):
            join(line, data, "worker", "1")
        page = join(line, data, "page", "1")
        worker = join(line, data, "worker", "1")
        worker.check()
        with pytest.raises(MembershipError, match="This is DECLoss 2, and the queue's pages are of DECLoss 1"):
            join(line, data, "worker", "2")
        with pytest.raises(MembershipError, match="a page of DECLoss 1 uses the queue"):
            join(line, data, "page", "2")
        for kind in ("page", "worker"):
            with pytest.raises(MembershipError, match="is the right folder mounted there"):
                join(line, other, kind, "1")
        page.leave()
        join(line, data, "page", "2")  # once the old pages are gone, a new one takes over
        with pytest.raises(MembershipError, match="install the same version"):
            worker.check()
        with pytest.raises(MembershipError, match="install the same version"):
            Worker(line, Finetunes(data, line).find, worker).run()
        assert worker.folder_is_there()
        shutil.copy(data / MARK, other)
        (data / MARK).write_text("{}", encoding="utf-8")
        assert not worker.folder_is_there()
        line.close()
    with new_queue() as url:
        line = Line(url, 60.0)
        kept = join(line, other, "page", "2").folder  # a new database takes the folder's id
        assert kept == page.folder
        line.close()


def test_a_lease_ends_by_itself_and_is_told() -> None:
    asked = time.monotonic()
    lease = Lease(asked + 30, 30)
    assert not lease.ending and asked + 26.9 < lease.last_moment < asked + 27.1
    lease.renew(asked - 23)
    assert lease.ending and lease.last_moment > asked
    assert not Lease().ending and math.isinf(Lease().last_moment)
    assert Lease(asked + 6, 6).last_moment == pytest.approx(asked + 5)  # a short one leaves time to end, too
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.exit(sys.stdin.buffer.read().hex())"],
                          stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:  # fmt: skip
        lease.tell(child)
        lease.renew(asked)
        lease.tell(child)
        _, told = child.communicate()
    lease.tell(child)  # which has ended
    assert last_told(bytes.fromhex(told.decode())) == lease.last_moment


def test_a_trainer_ends_at_its_last_moment(tmp_path: Path, tiny_checkpoints: Path) -> None:
    job = small_job(tmp_path, tiny_checkpoints, steps=2000, batch_size=8)  # it takes longer than that
    began = time.monotonic()
    trainer = subprocess.Popen(
        [sys.executable, "-m", "decloss.jobs.trainer", str(job.path), "cpu", "1", "1", repr(began + 20)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    trainer.wait(timeout=120)
    assert trainer.returncode == 3 and 20 <= time.monotonic() - began < 30


def test_a_wait_is_forecast_from_what_runs_and_from_how_many_train() -> None:
    assert begin([], [], 1) == [0.0] and begin([10.0], [], 2) == [0.0] and begin([10.0], [], 1) == [10.0]
    assert begin([10.0, 4.0], [20.0, 3.0], 2) == [4.0, 10.0, 13.0]
    assert begin([5.0, 9.0, 7.0], [1.0], 2) == [7.0, 8.0]  # more run than there are workers now
    standing = Standing(("a", "b"), (0.0, 5.0, 9.0))
    assert [standing.before(job) for job in ("a", "b", "new", None)] == [0, 1, 2, 2]
    assert [standing.seconds(job) for job in ("a", "b", None)] == [0.0, 5.0, 9.0]


def test_a_wait_follows_the_speeds_that_were_measured(tmp_path: Path, tiny_checkpoints: Path) -> None:
    done, runs, later = (small_job(tmp_path, tiny_checkpoints, steps=100) for _ in range(3))
    assert waits([], [done], 1) == (0.0,) and waits([later], [done, later], 1) is None and waits([], [], 0) is None
    for job, steps in ((done, 100), (runs, 60)):
        job.run_path.mkdir()
        lines = "".join(f'{{"step": {step}, "steps_per_second": 2.0}}\n' for step in range(1, steps + 1))
        (job.run_path / "metrics.jsonl").write_text(lines, encoding="utf-8")
    twice = small_job(tmp_path, tiny_checkpoints, steps=100, batch_size=2)
    jobs = [done, runs, later, twice]
    with runs.lock():
        assert waits([runs], jobs, 1) == pytest.approx((0.0, 20.0))
        assert waits([runs, later, twice], jobs, 1) == pytest.approx((0.0, 20.0, 70.0, 170.0))
        assert waits([later, runs, twice], jobs, 2) == pytest.approx((0.0, 0.0, 20.0, 50.0))


def test_more_may_wait_where_workers_train(tmp_path: Path, tiny_checkpoints: Path, start: Path) -> None:
    with new_queue() as url, a_page(tmp_path, url, tiny_checkpoints) as page:
        for number in range(MOST_WAITING_SHARED):
            page.create(replace(SETTINGS, steps=1), str(number), start).queue_again()
        with pytest.raises(module.JobError, match=f"{MOST_WAITING_SHARED} finetunes are waiting"):
            page.submit(SETTINGS, "one more", start)


def test_the_compose_file_starts_what_there_is() -> None:
    compose = yaml.safe_load((ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"database", "page", "worker"}
    command = compose["services"]["worker"]["command"]
    assert command[0] == "python"
    result = run_python(*command[1:], DECLOSS_QUEUE="")
    assert result.returncode == 2 and "--queue is missing" in result.stderr
