"""The terminal's side of training: a progress bar, and a graceful end on Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING

from tqdm import tqdm

from decloss.commands.console import refresh_seconds

if TYPE_CHECKING:
    from decloss.training.trainer import Progress


class Signals:
    """A context manager that only remembers the last SIGINT or SIGTERM, as ``number``, which is 0 before."""

    number = 0

    def __enter__(self) -> Signals:
        self.previous = {number: signal.signal(number, self._remember) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        self.number = number


class TerminalObserver:
    """An observer that shows loss, steps/s and the time left; the first signal stops training after the current step.

    So does ``stop`` when it returns True. It is a context manager, which handles signals from the first step until it
    is closed: before that there is nothing to save, and a signal ends the process at once.
    """

    def __init__(self, steps: int, *, shown: bool = True, stop: Callable[[], bool] = lambda: False) -> None:
        self.steps = steps
        self.shown = shown
        self.stop = stop
        self.signals = Signals()
        self.handling: ExitStack | None = None
        self.interval = refresh_seconds()
        self.due = 0.0
        """The moment by ``time.monotonic()`` at which the loss is read again, which waits for a GPU."""

    @property
    def signal(self) -> int:
        """The signal that stopped the training; 0 if there was none."""
        return self.signals.number

    def __enter__(self) -> TerminalObserver:
        intervals = {"mininterval": self.interval, "maxinterval": self.interval}
        self.bar = tqdm(total=self.steps, unit="step", dynamic_ncols=True, disable=not self.shown, **intervals)
        return self

    def __exit__(self, *exception: object) -> None:
        if self.handling is not None:
            self.handling.close()
        self.bar.close()

    def __call__(self, progress: Progress) -> bool:
        """Show ``progress``, and return whether the trainer should stop."""
        if self.handling is None:
            self.handling = ExitStack()
            self.handling.enter_context(self.signals)
        if self.bar.n == 0 and progress.step > 1:  # the run was resumed: only this session's steps count for the speed
            self.bar.initial = self.bar.n = self.bar.last_print_n = progress.step - 1
        if self.shown and (time.monotonic() >= self.due or progress.step == self.steps):
            self.bar.set_postfix(loss=f"{progress.loss.item():.4f}", refresh=False)
            self.due = time.monotonic() + self.interval
        self.bar.update()
        return bool(self.signal) or self.stop()
