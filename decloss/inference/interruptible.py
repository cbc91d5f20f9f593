"""Long calls that end soon when nobody waits for them any more: whole networks and metrics, in the midst of a layer."""

import contextvars
import queue
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

import torch
from torch.overrides import TorchFunctionMode

from decloss.host.steps import Steps

SILENCE = 0.25
"""Seconds after which a step that still runs is told of."""
T = TypeVar("T")


class Abandoned(BaseException):
    """Nobody waits any more. Not an ``Exception``: it is no failure that somebody should handle."""


def interruptible(steps: Generator[float, None, T]) -> Generator[float | None, None, T]:
    """Run ``steps`` in a thread of its own; yield what it yields, and None whenever a step takes longer than that.

    Closing the generator ends a step in its midst: at its next call of a function of torch, in its own thread alone.

    Args:
        steps: a generator that yields the share done and returns a result.

    Returns:
        What ``steps`` returns; what it raises is raised here.
    """
    left = threading.Event()
    said = queue.SimpleQueue[float | None]()
    threads = torch.get_num_threads()

    def work() -> T:
        torch.set_num_threads(threads)  # each thread has its own number
        with closing(Steps(steps)) as running, _WhileWanted(left):
            for share in running:
                if left.is_set():
                    raise Abandoned
                said.put(share)
            return running.result

    with ThreadPoolExecutor(1, thread_name_prefix="interruptible") as pool:
        done = pool.submit(contextvars.copy_context().run, work)
        done.add_done_callback(lambda _: said.put(None))  # so that the loop does not wait for more
        try:
            while not done.done() or not said.empty():
                try:
                    yield said.get(timeout=SILENCE)
                except queue.Empty:
                    yield None
        finally:
            left.set()
    return done.result()


class _WhileWanted(TorchFunctionMode):
    """Looks before each function of torch whether somebody has left."""

    def __init__(self, left: threading.Event) -> None:
        super().__init__()
        self.left = left

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.left.is_set():
            raise Abandoned
        return func(*args, **(kwargs or {}))
