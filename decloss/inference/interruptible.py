"""Long calls (whole networks, metrics) that end soon, even inside a layer, when nobody waits for them any more."""

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
"""The seconds after which None is yielded while a step still runs."""
T = TypeVar("T")


class Abandoned(BaseException):
    """Raised when nobody waits any more; it is no ``Exception``, since it is no failure that somebody should handle."""


def interruptible(steps: Generator[float, None, T]) -> Generator[float | None, None, T]:
    """Run ``steps`` in a thread of its own; yield what it yields, and None after each ``SILENCE`` without news.

    Closing the generator ends even a step under way: at the next call of a torch function, in that thread alone.

    Args:
        steps: a generator that yields the share that is done and returns a result.

    Returns:
        The result of ``steps``; what ``steps`` raises is raised here.
    """
    left = threading.Event()
    said = queue.SimpleQueue[float | None]()
    threads = torch.get_num_threads()

    def work() -> T:
        torch.set_num_threads(threads)  # the number is set for each thread by itself
        with closing(Steps(steps)) as running, WhileWanted(left):
            for share in running:
                if left.is_set():
                    raise Abandoned
                said.put(share)
            return running.result

    with ThreadPoolExecutor(1, thread_name_prefix="interruptible") as pool:
        done = pool.submit(contextvars.copy_context().run, work)
        done.add_done_callback(lambda _: said.put(None))  # wakes the loop below, so that it ends at once
        try:
            while not done.done() or not said.empty():
                try:
                    yield said.get(timeout=SILENCE)
                except queue.Empty:
                    yield None
        finally:
            left.set()
    return done.result()


class WhileWanted(TorchFunctionMode):
    """A torch mode that raises ``Abandoned`` before the next torch function once the caller has left."""

    def __init__(self, left: threading.Event) -> None:
        super().__init__()
        self.left = left

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.left.is_set():
            raise Abandoned
        return func(*args, **(kwargs or {}))
