"""What the commands share: messages and progress bars."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


def say(text: str) -> None:
    """A message for the person, kept apart from the output, above a progress bar."""
    tqdm.write(text, file=sys.stderr)


def refresh_seconds() -> float:
    """How often a progress bar is drawn: live in a terminal, now and then in a log file."""
    return 0.5 if sys.stderr.isatty() else 30.0


@contextmanager
def progress_bar(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with the first report: how much is done, of how much in all (0 if nobody knows)."""
    bars: list[tqdm] = []

    def report(done: int, total: int) -> None:
        if not bars:
            bars.append(tqdm(desc=title, unit=unit, unit_scale=unit == "B", mininterval=refresh_seconds()))
        bars[0].total = total or None
        bars[0].update(done - bars[0].n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()
