"""Work in steps: its progress, its result, its errors, and its end."""

from collections.abc import Generator
from contextlib import closing

import pytest

from decloss.host.steps import Steps

ended: list[str] = []


def work(most: int = 3) -> Generator[float, None, str]:
    try:
        for done in range(1, most + 1):
            yield done / most
        return "done"
    finally:
        ended.append("work")


def test_progress_comes_first_and_then_the_result_as_often_as_it_is_read() -> None:
    steps = Steps(work(2))
    assert list(steps) == [0.5, 1.0] and steps.result == steps.result == "done"


def test_who_asks_for_the_result_at_once_or_in_the_midst_gets_it() -> None:
    steps = Steps(work())
    next(iter(steps))
    assert steps.result == Steps(work()).result == Steps(work(0)).result == "done"


def test_errors_come_through_and_leaving_early_ends_the_work() -> None:
    def failing() -> Generator[float, None, str]:
        yield 0.5
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(Steps(failing()))
    ended.clear()
    with closing(Steps(work())) as steps:
        for _ in steps:
            break
        assert not ended
    assert ended == ["work"]
