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
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import gradio as gr
import torch

from decloss.ui.serving.gradio_patches import Waiting, mean_seconds, only_last, waiting_events

CORES = min(max(os.cpu_count() or 1, 2), 8)
"""The number of sliders' events that run at the same time; Gradio runs 40 events in all."""


@dataclass(frozen=True)
class Lane:
    """A lane, in which work of one kind waits together."""

    at_a_time: int
    """The number of events that run at the same time."""
    room: int
    """The number of events that may wait."""
    guess: float
    """The seconds that one event is believed to take, until some were measured."""
    patience: float = math.inf
    """The seconds: nobody is let in while the first in line, another visitor's event, has waited for longer."""

    @property
    def share(self) -> int:
        """The number of one visitor's events that may wait, so that there is room for another."""
        return self.room * 3 // 4


LIVE = "live"
"""The lane of events that name no other: sliders, and all that answers at once."""
LANES: Mapping[str, Lane] = {
    LIVE: Lane(CORES, 12, 0.1, 0.5),
    "looks": Lane(max(2, CORES // 2), 16, 0.5, 1.5),
    "photos": Lane(1, 16, 0.2, 0.5),
    "networks": Lane(1, 8, 10.0),
    "drawing": Lane(max(2, CORES // 2), 32, 0.5),
    "line": Lane(6, 12, 5.0),
    "embedding": Lane(1, 4, 10.0),
    "toy": Lane(2, 8, 5.0),
    "finetunes": Lane(2, 12, 1.0),
    "estimates": Lane(1, 4, 10.0),
    "elsewhere": Lane(2, 8, 20.0),
    "slices": Lane(4, 4, 60.0),
    "reading": Lane(2, 32, 0.1),
}
"""The lanes by name, one for each kind of long work; "elsewhere" calls Hugging Face, "slices" train on ZeroGPU;
in "drawing" is drawn what Compare shows of its results, in "line" visitors are told when their run begins."""
SLACK = 5.0
"""The seconds that visitors may take to try again, beyond those that they were told to wait."""
MANY_CORES = "networks"
"""The lane of work that is worth all cores."""


def assign_lanes(page: gr.Blocks) -> None:
    """Put every function of ``page`` into its lane, with the lane's limit and its number of cores.

    Raises:
        ValueError: if a function names a lane that does not exist.
    """
    all_cores = torch.get_num_threads()
    wrapped: dict[tuple[Any, int], Callable[..., Any]] = {}  # a function that serves several events is wrapped once
    for fn in page.fns.values():
        fn.queue = True  # without this, examples would run at once, past all lanes
        if fn.concurrency_id == str(id(fn.fn)):  # Gradio's own value if no lane is named
            fn.concurrency_id = LIVE
        if fn.concurrency_id not in LANES:
            raise ValueError(f"{fn.api_name} is in the lane {fn.concurrency_id!r}; there are {', '.join(LANES)}")
        fn.concurrency_limit = LANES[fn.concurrency_id].at_a_time
        if fn.fn is not None:
            cores = all_cores if fn.concurrency_id == MANY_CORES else 1
            fn.fn = wrapped.setdefault((fn.fn, cores), _on_cores(fn.fn, cores))


def _on_cores(function: Callable[..., Any], cores: int) -> Callable[..., Any]:
    """Return ``function`` run with ``cores`` threads; each piece of a generator may run in another thread."""
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


class Admission:
    """What decides for each event of ``page`` whether it may join the queue of its lane."""

    def __init__(self, page: gr.Blocks) -> None:
        self._page = page
        self._turned_away: dict[str, tuple[str | None, float]] = {}
        """By lane, the session that was last turned away for others, and until when it counts as there."""
        self._entering: dict[str, list[Waiting]] = {name: [] for name in LANES}
        """By lane, the events that were let in and that Gradio may not have in its queue yet."""

    @contextmanager
    def entering(self, fn_index: int, session: str | None = None) -> Iterator[None]:
        """Count one more event of a function as waiting, while Gradio is asked to take it into its queue."""
        fn = self._page.fns.get(fn_index)
        if fn is None or fn.concurrency_id not in LANES:
            yield
            return
        event, lane = Waiting(fn, time.monotonic(), session or ""), self._entering[fn.concurrency_id]
        lane.append(event)
        try:
            yield
        finally:
            lane.remove(event)

    def refusal(self, fn_index: int, session: str | None = None) -> tuple[str, int] | None:
        """Return why one more event of a function may not join its lane, and the seconds until it is worth another try.

        Nobody is refused for how long their own events have waited, as long as nobody else is there.

        Args:
            fn_index: the function's index in the page.
            session: the visitor's session; without it, all that waits counts as others'.

        Returns:
            A sentence, and at least 1 second; None if it may join.
        """
        fn = self._page.fns.get(fn_index)
        if fn is None or fn.concurrency_id not in LANES:
            return None
        name, now = fn.concurrency_id, time.monotonic()
        lane, waiting = LANES[name], [*waiting_events(self._page, name), *self._entering[name]]
        if only_last(fn) and any(event.fn is fn and event.session == session for event in waiting):
            return None  # it takes the place of the one that waits
        others = [event for event in waiting if event.session != session]
        own = len(waiting) - len(others)
        last, until = self._turned_away.get(name, (session, now))
        heads = waiting if last != session and now < until else others
        slow = bool(heads) and now - heads[0].since > lane.patience
        if own < lane.share and len(waiting) < lane.room and not slow:
            return None
        measured = [mean_seconds(self._page, event.fn) for event in waiting]
        total = sum(lane.guess if mean is None else mean for mean in measured) / lane.at_a_time
        seconds = max(1, math.ceil(total))
        if own >= lane.share:
            return f"{own} requests of yours are waiting here already. Try again in about {seconds} s.", seconds
        if others:
            self._turned_away[name] = (session, now + seconds + SLACK)
        return f"Busy: many visitors are here. Try again in about {seconds} s.", seconds
