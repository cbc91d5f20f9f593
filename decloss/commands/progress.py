"""The terminal's side of training: a progress bar, and a graceful end on Ctrl-C or SIGTERM."""

from __future__ import annotations

import math
import signal
import time
from types import FrameType
from typing import TYPE_CHECKING

from tqdm import tqdm

from decloss.commands.console import refresh_seconds

if TYPE_CHECKING:
    from decloss.training.trainer import Progress


class TerminalObserver:
    """An observer that shows loss, steps/s and the time left; the first signal stops training after the current step.

    It also stops at ``until``, a moment of ``time.monotonic``. It is a context manager, which handles SIGINT and
    SIGTERM as long as it is open.
    """

    def __init__(self, steps: int, *, shown: bool = True, until: float = math.inf) -> None:
        self.steps = steps
        self.shown = shown
        self.until = until
        self.signal = 0

    def __enter__(self) -> TerminalObserver:
        interval = refresh_seconds()
        intervals = {"mininterval": interval, "maxinterval": interval}
        self.bar = tqdm(total=self.steps, unit="step", dynamic_ncols=True, disable=not self.shown, **intervals)
        self.previous = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)
        self.bar.close()

    def __call__(self, progress: Progress) -> bool:
        """Show ``progress``, and return whether the trainer should stop."""
        if self.bar.n == 0 and progress.step > 1:  # the run was resumed: only this session's steps count for the speed
            self.bar.initial = self.bar.n = self.bar.last_print_n = progress.step - 1
        if progress.step % 10 == 0 or progress.step == self.steps:  # reading the loss waits for a GPU
            self.bar.set_postfix(loss=f"{progress.loss.item():.4f}", refresh=False)
        self.bar.update()
        return bool(self.signal) or time.monotonic() > self.until

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
