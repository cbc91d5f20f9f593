"""The API's ``finetune_status``: what a finetune is doing, or has come to."""

from collections.abc import Callable
from typing import Any, TypedDict

from decloss.jobs.record import JobError
from decloss.ui.finetune.html import sentence
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.visitor import Mine

Scores = dict[str, float | None]


class BeforeAfter(TypedDict):
    """Means over the validation photos."""

    before: Scores
    after: Scores


class FinetuneStatus(TypedDict):
    """A finetune, as its page shows it."""

    state: str
    """waiting, running, stopping, stopped, failed or finished."""
    sentence: str
    """The state in words."""
    step: int
    steps: int
    """In all."""
    start: str
    """The checkpoint it started from."""
    name: str
    """Of its own checkpoint."""
    loss: float | None
    """Of the last step that was logged."""
    scores: BeforeAfter | None
    """Once it is finished."""


def make_finetune_status(mine: Mine) -> Callable[..., Any]:
    """The function, for the finetunes of ``mine``."""

    def finetune_status(job: str) -> FinetuneStatus:
        """Tell what a finetune is doing; whoever has its id may ask.

        Args:
            job: the id that the endpoint "finetune" gave, or that its private link has.

        Returns:
            status: state, step, and, once it is finished, the scores before and after.
        """
        with said_to_visitor(JobError):
            found = mine.find(job)
            lines, settings, result = found.metrics(), found.settings, found.result
            return {
                "state": found.state.value,
                "sentence": sentence(mine.finetunes, found, lines),
                "step": int(lines[-1]["step"]) if lines else 0,
                "steps": settings.steps,
                "start": settings.start,
                "name": found.name,
                "loss": lines[-1].get("loss") if lines else None,
                "scores": result["scores"] if result is not None else None,
            }

    return finetune_status
