"""What the commands share: messages and progress bars."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


def say(text: str) -> None:
    """Print a message for the person above a progress bar, apart from the output."""
    tqdm.write(text, file=sys.stderr)


def refresh_seconds() -> float:
    """Return the seconds between two drawings of a progress bar: few in a terminal, many in a log file."""
    return 0.5 if sys.stderr.isatty() else 30.0


@contextmanager
def progress_bar(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar from the first report on, which says how much is done, of how much in all (0 if nobody knows)."""
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
