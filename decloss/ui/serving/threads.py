"""Who computes on how many cores: comparisons on all of them, everything else on one.

A slider's work is a few milliseconds; where cores are busy, threads that wait for each other make it five times slower.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr
import torch

MANY = "networks"
"""The lane of work that is worth all cores."""


def share_cores(page: gr.Blocks) -> None:
    """Let every function of ``page`` set the number of threads of its thread before it computes."""
    all_cores = torch.get_num_threads()
    wrapped: dict[tuple[Any, int], Callable[..., Any]] = {}  # a function of several events stays one
    for fn in page.fns.values():
        if fn.fn is not None:
            cores = all_cores if fn.concurrency_id == MANY else 1
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
