"""A finetune on ZeroGPU that nobody runs any more: after a restart, a refusal, or a full disk its owner goes on."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from small_job import small_job

from decloss.jobs import zerogpu
from decloss.jobs.directory import Job, JobState
from decloss.jobs.queue import Finetunes
from decloss.jobs.zerogpu import News, run_in_slices, run_while_watched, train_slice
from decloss.ui.finetune import callbacks
from decloss.ui.finetune.changes import changes_since
from decloss.ui.finetune.html import sentence
from decloss.ui.finetune.layout import View
from decloss.ui.parts.visitor import build_mine, remember_owner

OWNER = remember_owner(None)


@pytest.fixture
def job(tmp_path: Path, tiny_checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    return small_job(tmp_path, tiny_checkpoints, OWNER).queue_again()


def test_what_was_under_way_before_a_restart_is_stopped_and_does_not_block_its_owner(job: Job, start: Path) -> None:
    finetunes = Finetunes(job.path.parent.parent)
    assert finetunes.open() == ""
    assert job.state is JobState.STOPPED
    other = finetunes.submit(job.settings, OWNER, start)
    assert other.state is JobState.WAITING
    finetunes.close()


def test_who_was_turned_away_may_go_on_and_a_second_wish_runs_nothing(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gr.Blocks():
        mine, view, listing = build_mine(Finetunes(job.path.parent.parent), ""), View(), gr.Radio([])
    changes = changes_since(mine, view, listing, OWNER, job.id, None)
    assert changes[view.go_on].visible and "go on" in sentence(mine.finetunes, job, [])
    assert not changes_since(mine, view, listing, remember_owner(None), job.id, None)[view.go_on].visible
    callbacks.act(mine, "go on", OWNER, job.id)
    assert job.state is JobState.WAITING
    asked: list[Job] = []

    def slices(job: Job) -> Iterator[News]:
        asked.append(job)
        yield {"step": 1, "phase": "training"}
        with job.lock():
            assert list(run_while_watched(job)) == [] and not job.stop_asked  # the second wish, meanwhile
        yield {"step": 1, "phase": "saved"}

    monkeypatch.setattr(zerogpu, "run_in_slices", slices)
    assert len(list(callbacks.run_slices(mine, OWNER, job.id))) == 2
    assert len(asked) == 1 and job.state is JobState.STOPPED


def test_elsewhere_who_waits_needs_no_button(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU")
    with gr.Blocks():
        mine, view, listing = build_mine(Finetunes(job.path.parent.parent), ""), View(), gr.Radio([])
    assert not changes_since(mine, view, listing, OWNER, job.id, None)[view.go_on].visible
    with pytest.raises(gr.Error, match="waiting already"):
        callbacks.act(mine, "go on", OWNER, job.id)


@pytest.mark.parametrize("slices", [run_in_slices, lambda job: train_slice(str(job.path), 1.0)], ids=["all", "one"])
def test_where_not_even_the_error_can_be_written_down_a_slice_ends(
    job: Job, monkeypatch: pytest.MonkeyPatch, slices: Any
) -> None:
    def on_a_full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zerogpu, "train_job", on_a_full_disk)
    monkeypatch.setattr(Job, "fail", on_a_full_disk)
    job.log_path.mkdir()  # a file cannot be written there
    told: list[str] = []
    running = threading.Thread(target=lambda: told.extend(news["phase"] for news in slices(job)), daemon=True)
    running.start()
    running.join(timeout=30)
    assert not running.is_alive() and told == ["preparing", "failed"]
