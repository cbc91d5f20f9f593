"""Long calls in a thread of their own: their results, their errors, and their end when nobody waits."""

import threading
from collections.abc import Generator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import sample_photo
from torch import Tensor
from uploads import as_upload
from waiting import wait_for

from decloss.files.images import encode_png
from decloss.host.steps import Steps
from decloss.inference.interruptible import interruptible
from decloss.models import Bicubic
from decloss.ui.compare.callbacks import run_comparison
from decloss.ui.compare.controls import WHOLE, WITH_ORIGINAL, Controls
from decloss.ui.parts.tab import Networks
from decloss.zoo.registry import default_zoo


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("interruptible")]


def test_what_is_yielded_and_returned_comes_through_and_the_numbers_are_the_same() -> None:
    photo, kernel = torch.rand(1, 3, 64, 64), torch.rand(3, 3, 3, 3)
    inside: list[Any] = []

    def steps() -> Generator[float, None, torch.Tensor]:
        yield 0.5
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            result = F.conv2d(photo, kernel)
        inside.append((torch.get_num_threads(), threading.current_thread()))
        yield 1.0
        return result

    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        expected = F.conv2d(photo, kernel)
    running = Steps(interruptible(steps()))
    assert [share for share in running if share is not None] == [0.5, 1.0] and torch.equal(running.result, expected)
    assert inside[0][0] == torch.get_num_threads() and inside[0][1] is not threading.current_thread()
    assert not threads()


def test_an_error_comes_through() -> None:
    def steps() -> Generator[float, None, None]:
        yield 0.1
        torch.zeros(2) @ torch.zeros(3)

    with pytest.raises(RuntimeError, match="size"):
        list(interruptible(steps()))
    assert not threads()


def test_leaving_ends_a_step_in_its_midst_and_tidies_up() -> None:
    state: dict[str, Any] = {"calls": 0}

    def steps() -> Generator[float, None, None]:
        try:
            values = torch.rand(64, 64)
            while state["calls"] < 10**9:
                values = (values @ values).tanh()
                state["calls"] += 1
            yield 1.0
        finally:
            state["tidied"] = True

    running = interruptible(steps())
    assert next(running) is None and threads()
    running.close()
    assert 0 < state["calls"] < 10**9 and state["tidied"] and not threads()


def test_leaving_ends_what_another_process_computes_after_its_step() -> None:
    """Where nothing of torch is called here."""
    gate, taken = threading.Event(), []

    def steps() -> Generator[float, None, None]:
        for count in range(1000):
            taken.append(count)
            yield count / 1000
            gate.wait(0.05)

    running = interruptible(steps())
    next(running)
    running.close()
    assert len(taken) < 1000 and not threads()


def test_others_are_not_disturbed() -> None:
    """Whoever computes in another thread goes on."""
    calls = [0]

    def steps() -> Generator[float, None, None]:
        values = torch.rand(8, 8)
        while True:
            values = values.sin()
            calls[0] += 1
        yield 1.0

    running = interruptible(steps())
    next(running)
    assert Steps(interruptible(two())).result == 2
    before = calls[0]
    wait_for(lambda: calls[0] > before + 100)
    running.close()


def two() -> Generator[float, None, int]:
    yield 1.0
    return int(torch.ones(2).sum())


class Slow(Bicubic):
    """Takes its time in one tile."""

    calls, most = 0, 300_000

    def forward(self, lr: Tensor) -> Tensor:
        values = torch.rand(64, 64)
        while self.calls < self.most:
            values = (values @ values).tanh()
            self.calls += 1
        return super().forward(lr)


def test_leaving_a_comparison_ends_a_network_in_the_midst_of_a_tile() -> None:
    slow = Slow()
    networks = Networks(default_zoo(), ["bicubic"], lambda _: slow)
    photo = as_upload(encode_png(sample_photo(64, 64)))
    running = run_comparison(networks, photo, Controls(WITH_ORIGINAL, ["bicubic"], WHOLE, 256))
    _, waiting = next(running), next(running)
    assert "Running **bicubic** (1 of 1): 0%" in waiting[3] and threads()
    running.close()  # as Gradio does when the page is left
    assert 0 < slow.calls < slow.most and not threads()
