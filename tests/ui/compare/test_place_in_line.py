"""The place in line, with a clock that goes only while it is looked at."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from decloss.ui.compare import line
from decloss.ui.compare.line import tell_place
from decloss.ui.compare.shared import LastRun
from decloss.ui.serving.gradio_patches import Waiting


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], float]]:
    """Return the texts that a visitor reads whose run waits in these seconds, or begins then, and how long it takes."""
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def told(
        waits: tuple[float, float] | None = None, begins: float | None = None, run: LastRun | None = None
    ) -> tuple[list[str], float]:
        def waiting(page: Any, lane: str) -> list[Waiting]:
            there = waits is not None and waits[0] <= now[0] - 100 < waits[1]
            return [Waiting("run", 100 + waits[0], "mine")] if waits and there else []

        monkeypatch.setattr(line, "waiting_events", waiting)
        monkeypatch.setattr(line, "mean_seconds", lambda page, fn: None)
        monkeypatch.setattr(line, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
        run, texts = run or LastRun(), []
        for text in tell_place(None, "mine", run):  # type: ignore[arg-type]
            if begins is not None and now[0] >= 100 + begins:
                run.begun = now[0]
            texts += [text] if isinstance(text, str) else []
        return texts, now[0] - 100

    return told


@pytest.mark.parametrize("late", [0.1, 8.0])
def test_the_place_is_read_however_late_the_run_comes_to_the_line(told: Callable[..., Any], late: float) -> None:
    texts, seconds = told(waits=(late, late + 5))
    assert texts == ["**You are 2nd in line**, about 10 s.", ""] and seconds < late + 6


def test_a_run_that_begins_or_is_turned_away_is_not_waited_for(told: Callable[..., Any]) -> None:
    texts, seconds = told(begins=0.5)
    assert texts == [""] and seconds < 1
    texts, seconds = told()
    assert texts == [""] and seconds < 25


def test_a_run_knows_what_was_shown_when_it_came_to_the_line(told: Callable[..., Any]) -> None:
    run = LastRun()
    told(waits=(0.1, 5), run=run)
    run.examples += 1
    assert run.begin("photo") == 0 and run.photo == ""
