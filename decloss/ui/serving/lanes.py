"""Lanes: work of one kind waits with its like, a full waiting room turns visitors away at once, and each has its cores.

Gradio keeps a queue for each lane (its ``concurrency_id``), but one limit for all of them together: a flood of
comparisons would shut sliders out. Here each lane has its own room, and is asked before Gradio sees the request.

Comparisons compute on all cores, everything else on one: a slider's work is a few milliseconds, and where cores are
busy, threads that wait for each other make it five times slower.
"""

import inspect
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import gradio as gr
import torch

from decloss.ui.serving.gradio_patches import mean_seconds, waiting_events

CORES = min(max(os.cpu_count() or 1, 2), 8)
"""Sliders at the same time; Gradio runs 40 events in all."""


@dataclass(frozen=True)
class Lane:
    """Work that waits together."""

    at_a_time: int
    """Events that run at the same time."""
    room: int
    """Events that may wait."""
    guess: float
    """Seconds of one event, until some were measured."""
    patience: float = math.inf
    """Seconds that the one at the head of the queue may have waited: where it is more, nobody else is let in."""


LIVE = "live"
"""The lane of whatever names no other: sliders, and all that answers at once."""
LANES: Mapping[str, Lane] = {
    LIVE: Lane(CORES, 12, 0.1, 0.5),
    "looks": Lane(max(2, CORES // 2), 16, 0.5, 1.5),
    "photos": Lane(2, 16, 0.2, 0.5),
    "networks": Lane(1, 8, 10.0),
    "embedding": Lane(1, 4, 10.0),
    "toy": Lane(2, 8, 5.0),
    "finetunes": Lane(2, 12, 1.0),
    "estimates": Lane(1, 4, 10.0),
    "elsewhere": Lane(2, 8, 20.0),
    "slices": Lane(4, 4, 60.0),
    "reading": Lane(2, 32, 0.1),
}
"""Each kind of long work its own; "elsewhere" calls Hugging Face, "slices" are trained on ZeroGPU."""
MANY_CORES = "networks"
"""The lane of work that is worth all cores."""


def assign_lanes(page: gr.Blocks) -> None:
    """Put every function of ``page`` into its lane, with the lane's limit and its number of cores.

    Raises:
        ValueError: if a function names a lane that does not exist.
    """
    all_cores = torch.get_num_threads()
    wrapped: dict[tuple[Any, int], Callable[..., Any]] = {}  # a function of several events stays one
    for fn in page.fns.values():
        fn.queue = True  # examples would run at once, past all lanes
        if fn.concurrency_id == str(id(fn.fn)):  # what Gradio takes where none is named
            fn.concurrency_id = LIVE
        if fn.concurrency_id not in LANES:
            raise ValueError(f"{fn.api_name} is in the lane {fn.concurrency_id!r}; there are {', '.join(LANES)}")
        fn.concurrency_limit = LANES[fn.concurrency_id].at_a_time
        if fn.fn is not None:
            cores = all_cores if fn.concurrency_id == MANY_CORES else 1
            fn.fn = wrapped.setdefault((fn.fn, cores), _on_cores(fn.fn, cores))


def _on_cores(function: Callable[..., Any], cores: int) -> Callable[..., Any]:
    """``function`` with ``cores`` threads; the pieces of a generator may run in a thread of Gradio's each."""
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def run_pieces(*values: Any, **named: Any) -> Iterator[Any]:
            torch.set_num_threads(cores)
            pieces = function(*values, **named)
            try:
                for piece in pieces:
                    yield piece
                    torch.set_num_threads(cores)
            finally:
                pieces.close()

        return run_pieces

    @wraps(function)
    def run(*values: Any, **named: Any) -> Any:
        torch.set_num_threads(cores)
        return function(*values, **named)

    return run


def wait_if_full(page: gr.Blocks, fn_index: int) -> int | None:
    """Whether there is room for one more event of a function of ``page``.

    Returns:
        None where the event may join; else the seconds, at least 1, after which it is worth another try.
    """
    fn = page.fns.get(fn_index)
    if fn is None or fn.concurrency_id not in LANES:
        return None
    lane = LANES[fn.concurrency_id]
    waiting = waiting_events(page, fn.concurrency_id)
    slow = bool(waiting) and time.monotonic() - waiting[0][1] > lane.patience
    if len(waiting) < lane.room and not slow:
        return None
    measured = [mean_seconds(page, waits) for waits, _ in waiting]
    seconds = sum(lane.guess if mean is None else mean for mean in measured) / lane.at_a_time
    return max(1, math.ceil(seconds))
