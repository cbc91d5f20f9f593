"""Work in steps: its progress, its result, its errors, and its end."""

from collections.abc import Generator
from contextlib import closing

import pytest

from decloss.host.steps import Steps


def work(most: int) -> Generator[int, None, str]:
    yield from range(most)
    return "done"


def test_progress_comes_first_and_the_result_whenever_and_as_often_as_it_is_asked_for() -> None:
    steps = Steps(work(2))
    assert list(steps) == [0, 1] and steps.result == steps.result == "done"
    in_the_midst = Steps(work(3))
    next(iter(in_the_midst))
    assert in_the_midst.result == Steps(work(3)).result == Steps(work(0)).result == "done"


def test_errors_come_through_and_leaving_early_ends_the_work() -> None:
    ended: list[bool] = []

    def failing() -> Generator[int, None, str]:
        try:
            yield from range(2)
            raise ValueError("no")
        finally:
            ended.append(True)

    with pytest.raises(ValueError, match="no"):
        list(Steps(failing()))
    with closing(Steps(failing())) as steps:
        next(iter(steps))
        assert len(ended) == 1
    assert len(ended) == 2
