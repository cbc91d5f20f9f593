"""What the page says of workers on other machines: how many, where a finetune runs, and how long the wait is."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from shared_queue import a_page, new_queue
from small_job import SETTINGS
from waiting import wait_for

from decloss.jobs import queue
from decloss.jobs.directory import JobState
from decloss.jobs.queue import Finetunes
from decloss.jobs.worker import member
from decloss.ui.finetune import words
from decloss.ui.finetune.callbacks import place_in_line
from decloss.ui.finetune.html import head, sentence
from decloss.ui.parts.visitor import Mine, build_mine


@pytest.fixture
def page(tmp_path: Path, tiny_checkpoints: Path) -> Iterator[Finetunes]:
    with new_queue() as url, a_page(tmp_path / "data", url, tiny_checkpoints, lease=600.0) as finetunes:
        yield finetunes


@pytest.fixture
def mine(page: Finetunes) -> Mine:
    with gr.Blocks():
        return build_mine(page, "")


def test_the_page_tells_of_workers_waits_and_places(
    page: Finetunes, mine: Mine, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "STANDING_FOR", 0.0)
    assert place_in_line(mine) == words.NO_WORKERS
    first, second, third = (page.submit(SETTINGS, str(number), start) for number in range(3))
    assert sentence(page, second, []) == "waiting: 1 before you, and no worker is there now: it starts when one comes"
    here, there = (member("worker", name, "cpu", 1, "1") for name in ("<b>gpu-1", "gpu-2"))
    page.line.renew(here)
    assert page.line.take(here.id) == first.id
    wait_for(lambda: first.state is JobState.RUNNING)
    assert sentence(page, first, []) == "running: preparing the photos, and measuring the start, on <b>gpu-1"
    assert "&lt;b&gt;gpu-1" in head(page, first)
    assert sentence(page, second, []) == "waiting: 1 before you, with 1 worker"  # no speed is known yet
    assert place_in_line(mine) == f"**1 worker** trains here; 3 would be before yours. {words.UNKNOWN_WAIT}"

    first.run_path.mkdir()
    (first.run_path / "metrics.jsonl").write_text('{"step": 1, "steps_per_second": 0.1}\n', encoding="utf-8")
    assert sentence(page, second, []) == "waiting: 1 before you, about 30 s with 1 worker"  # 3 of 4 steps are left
    assert sentence(page, third, []) == "waiting: 2 before you, about 1 min with 1 worker"  # 70 s
    page.line.renew(there)
    wait_for(lambda: len(page.line.now().workers) == 2)
    assert sentence(page, second, []) == "waiting: it starts in a moment"
    assert sentence(page, third, []) == "waiting: 2 before you, about 30 s with 2 workers"
    assert "**2 workers** train here; 3 would be before yours. It would start in about 40 s" in place_in_line(mine)


def test_all_jobs_are_looked_at_once_a_second_however_many_ask(
    page: Finetunes, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, looks = page.submit(SETTINGS, "me", start), []
    monkeypatch.setattr(queue, "STANDING_FOR", 600.0)
    monkeypatch.setattr(queue, "waits", lambda *given: looks.append(given) or (0.0, 0.0))
    assert [page.position(job) for _ in range(50)] == [0] * 50 and len(looks) == 1
    other = page.submit(SETTINGS, "another", start)
    assert page.position(other) == 1 and len(looks) == 2
