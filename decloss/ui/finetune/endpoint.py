"""The API's endpoint ``finetune_status``, which tells what a finetune is doing or how it has ended."""

from collections.abc import Callable
from typing import Any, TypedDict

from decloss.jobs.record import JobError
from decloss.ui.finetune.html import sentence
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.visitor import Mine

Scores = dict[str, float | None]


class BeforeAfter(TypedDict):
    """The mean scores over the validation photos, before and after a finetune."""

    before: Scores
    after: Scores


class FinetuneStatus(TypedDict):
    """What the API tells of a finetune."""

    state: str
    """One of "waiting", "running", "stopping", "stopped", "failed" and "finished"."""
    sentence: str
    """The state in words."""
    step: int
    steps: int
    """The number of steps in all."""
    start: str
    """The name of the checkpoint that it started from."""
    name: str
    """The name of its own checkpoint."""
    loss: float | None
    """The loss of the last step that was logged."""
    scores: BeforeAfter | None
    """The scores, once the finetune is finished."""


def make_finetune_status(mine: Mine) -> Callable[..., Any]:
    """Return the endpoint's function, which looks for finetunes in ``mine``."""

    def finetune_status(job: str) -> FinetuneStatus:
        """Tell what a finetune is doing; whoever has its id may ask.

        Args:
            job: the id that the endpoint "finetune" gave, or that its viewing link has.

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
