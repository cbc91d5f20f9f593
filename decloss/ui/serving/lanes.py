"""Lanes: work of one kind waits with its like, and a full waiting room turns visitors away at once.

Gradio keeps a queue for each lane (its ``concurrency_id``), but one limit for all of them together: a flood of
comparisons would shut sliders out. Here each lane has its own room, and is asked before Gradio sees the request.
"""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

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


def assign_lanes(page: gr.Blocks) -> None:
    """Put every function of ``page`` into its lane, and leave the limits to the lanes.

    Raises:
        ValueError: if a function names a lane that does not exist.
    """
    for fn in page.fns.values():
        fn.queue = True  # examples would run at once, past all lanes
        if fn.concurrency_id == str(id(fn.fn)):  # what Gradio takes where none is named
            fn.concurrency_id = LIVE
        if fn.concurrency_id not in LANES:
            raise ValueError(f"{fn.api_name} is in the lane {fn.concurrency_id!r}; there are {', '.join(LANES)}")
        fn.concurrency_limit = LANES[fn.concurrency_id].at_a_time


class Admission:
    """Asks whether there is room for one more event of a function."""

    def __init__(self, page: gr.Blocks) -> None:
        self.page = page

    def wait_if_full(self, fn_index: int) -> int | None:
        """None where the event may join; else the seconds, at least 1, after which it is worth another try."""
        fn = self.page.fns.get(fn_index)
        if fn is None or fn.concurrency_id not in LANES:
            return None
        lane = LANES[fn.concurrency_id]
        queue = self.page._queue.event_queue_per_concurrency_id.get(fn.concurrency_id)
        waiting: list[Any] = queue.queue if queue is not None else []
        slow = bool(waiting) and time.monotonic() - waiting[0].enqueue_time > lane.patience
        if len(waiting) < lane.room and not slow:
            return None
        seconds = sum(self._seconds(event.fn, lane) for event in waiting) / lane.at_a_time
        return max(1, math.ceil(seconds))

    def _seconds(self, fn: Any, lane: Lane) -> float:
        """Of one event, as it was measured; Gradio keeps the mean of each function."""
        measured = self.page._queue.process_time_per_fn
        return measured[fn].avg_time if fn in measured else lane.guess
