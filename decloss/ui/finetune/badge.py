"""The mark on the Finetune tab's title: how far the visitor's own finetune is, or its place in line."""

from typing import Any

import gradio as gr

from decloss.jobs.directory import ACTIVE, Job, JobState
from decloss.jobs.queue import Finetunes
from decloss.ui.parts.tab import LIVE, OPENING
from decloss.ui.parts.visitor import Mine, own_jobs

# The style sheet puts the property behind the tab's title; a property stays where Gradio draws the tabs anew.
SHOW = """(text) => {
  document.documentElement.style.setProperty("--ft-badge", text ? JSON.stringify(" " + text) : "none");
}"""


def badge(mine: Mine, owner: Any) -> dict[Any, Any]:
    """Return what the tab's title says of the visitor's finetune, and whether it is looked at again."""
    jobs = [] if mine.missing else own_jobs(mine.finetunes, owner)
    job = next((own for own in jobs if own.state in ACTIVE), None)
    text = "" if job is None else mark(mine.finetunes, job)
    return {mine.badge: text, mine.timer: gr.Timer(active=job is not None)}


def mark(finetunes: Finetunes, job: Job) -> str:
    """Return a few characters on a finetune that is under way."""
    if job.state is JobState.WAITING:
        before = finetunes.position(job)
        return f"● {before} before you" if before else "●"
    return f"● {100 * min(1.0, job.steps_done() / job.settings.steps):.0f} %"


def wire_badge(mine: Mine) -> None:
    """Show the mark whenever the visitor's finetunes were looked up, and every few seconds while one is under way."""
    gr.on(
        [mine.news.change, mine.timer.tick],
        lambda owner: badge(mine, owner),
        mine.owner,
        [mine.badge, mine.timer],
        **OPENING,
    )
    mine.badge.change(None, mine.badge, None, js=SHOW, **LIVE)
