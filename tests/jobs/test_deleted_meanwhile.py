"""Finetunes that are deleted while others look at the line: the others notice nothing of it."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_job import small_job

from decloss.jobs import directory, forecast
from decloss.jobs.directory import Job, JobState
from decloss.jobs.folder import JobFolder
from decloss.jobs.forecast import waits
from decloss.jobs.line import Line, LineError
from decloss.jobs.queue import Finetunes
from decloss.jobs.record import GONE, JobError


@pytest.fixture
def finetunes(tmp_path: Path) -> Finetunes:
    return Finetunes(tmp_path)


@pytest.fixture
def two(finetunes: Finetunes, tiny_checkpoints: Path) -> list[Job]:
    """One that is deleted and one that stays, in their order."""
    jobs = [small_job(finetunes.data, tiny_checkpoints, owner) for owner in ("gone", "stays")]
    return [job.queue_again() for job in jobs]


@pytest.fixture
def _found_before_it_went(two: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first goes just after somebody has looked for all jobs."""
    look = JobFolder.all

    def all_then_delete(self: JobFolder) -> list[Job]:
        found = look(self)
        if two[0].exists:
            two[0].delete()
        return found

    monkeypatch.setattr(JobFolder, "all", all_then_delete)


def test_a_deleted_job_is_stopped_and_whoever_asks_does_not_make_its_folder_anew(two: list[Job]) -> None:
    two[0].delete()
    assert two[0].state is JobState.STOPPED and two[0].metrics() == [] and not two[0].path.exists()


@pytest.mark.parametrize(
    "look",
    [
        lambda finetunes, job: finetunes.of("stays") == [job],
        lambda finetunes, job: finetunes.standing().jobs == (job.id,),
        lambda finetunes, job: finetunes.mend() is None and finetunes.line.waiting() == {job.id},
        lambda finetunes, job: finetunes.resume(finetunes.job(job.id)) is None,
    ],
    ids=["of", "standing", "mend", "resume"],
)
@pytest.mark.usefixtures("_found_before_it_went")
def test_one_that_goes_while_all_are_read_disturbs_nobody(
    finetunes: Finetunes, two: list[Job], look: Callable[[Finetunes, Job], bool], request: pytest.FixtureRequest
) -> None:
    if "resume" in request.node.name:
        two[1].ask_to_stop()
    assert look(finetunes, two[1])
    assert not two[0].path.exists()


def test_waits_are_forecast_without_those_that_have_gone(two: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "_speed", lambda lines: 2.0)
    assert waits(two, two, 1) == (0.0, 2.0, 4.0)
    two[0].delete()
    assert waits(two, two, 1) == (0.0, 0.0, 2.0)  # 4 steps


def test_a_page_goes_on_minding_the_line_after_an_error(finetunes: Finetunes, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Finetunes(finetunes.data, Line(lease=0.01))
    page._opened.append(SimpleNamespace(me=None))
    monkeypatch.setattr(Line, "renew", lambda *_: set())
    errors, minded = [JobError(GONE), LineError("no answer"), OSError("no folder")], threading.Event()

    def mend(self: Finetunes) -> None:
        if errors:
            raise errors.pop()
        minded.set()
        self._closing.set()

    monkeypatch.setattr(Finetunes, "mend", mend)
    page._stay()
    assert minded.is_set()


def test_a_finetune_that_another_page_deletes_at_this_moment_is_gone(
    tmp_path: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path / "data", tiny_checkpoints)

    def rename_late(source: Path, target: Path) -> None:
        monkeypatch.setattr(directory, "rename", rename)
        job.delete()
        source.mkdir()  # as looking at the lock does
        (source / "lock").touch()
        target.mkdir()
        (target / "rest").touch()
        rename(source, target)

    rename = directory.rename
    monkeypatch.setattr(directory, "rename", rename_late)
    job.delete()
    assert not job.path.exists()
    Finetunes(tmp_path / "data").delete(job)
