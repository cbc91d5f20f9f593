"""The place in line of a visitor whose run waits for others, in words and soon after the click."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from decloss.ui.compare.shared import LastRun
from decloss.ui.serving.gradio_patches import mean_seconds, waiting_events

LANE = "networks"
"""The lane in which runs wait."""
GUESS = 10.0
"""The seconds that a run is believed to take while none was measured."""
APPEARS = 20.0
"""The seconds after the click within which the run appears in its lane, unless it is turned away."""
BEFORE = 3.0
"""The seconds before this was asked within which the run of the same click may have begun."""
AT_ONCE = 0.2
"""The seconds within which a run begins if nobody is before it."""
PERIOD = 0.4


def tell_place(page: gr.Blocks, session: str | None, run: LastRun) -> Iterator[Any]:
    """Yield the place in line of ``session``'s run whenever it is another one, and "" when it has begun.

    Args:
        page: the page.
        session: the visitor's session; None where no page has asked.
        run: what is known of that visitor's last run: it is told that one waits, and changes when one begins.
    """
    began = time.monotonic()
    seen, last = False, ""
    while session is not None:
        waiting, now = waiting_events(page, LANE), time.monotonic()
        index = next((index for index, event in enumerate(waiting) if event.session == session), None)
        if index is None and (seen or run.begun > began - BEFORE or now - began > APPEARS):
            break
        if index is not None:
            seen = True
            run.wait(waiting[index].since)
        if index is not None and now - waiting[index].since > AT_ONCE:
            ahead = [mean_seconds(page, event.fn) or GUESS for event in waiting[: index + 1]]  # the first one runs
            text = f"**You are {_ordinal(index + 2)} in line**, about {max(1, round(sum(ahead)))} s."
            yield gr.skip() if text == last else text
            last = text
        else:
            yield gr.skip()
        time.sleep(PERIOD if last else PERIOD / 4)
    yield ""


def _ordinal(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, 'th') }"
