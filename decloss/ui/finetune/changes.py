"""What the page shows of a finetune: only what has changed since it was last shown is sent again."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import gradio as gr

from decloss.files.images import ImageError
from decloss.host.where import on_zerogpu
from decloss.jobs.directory import ACTIVE, Job, JobState
from decloss.jobs.record import JobError
from decloss.ui.finetune.badge import badge
from decloss.ui.finetune.before_now import pair
from decloss.ui.finetune.html import curves, head, list_entry, score_rows
from decloss.ui.finetune.layout import View
from decloss.ui.parts.visitor import NOT_YOURS, Mine, own_jobs, owns
from decloss.ui.serving.gradio_patches import save_copy

FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s\"':/]+/)+")
"""Folders in a log, which are not shown: visitors need not know where the server keeps its files."""
Changes = dict[Any, Any]
"""The new values of components, by component."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a finetune now."""

    job_id: str = ""
    state: JobState | None = None
    own: bool = False
    """Whether the visitor may change it."""
    lines: int = -1
    sample: tuple[str, int] = ("", 0)
    """The name of the newest sample picture, and the time in nanoseconds at which it was written."""
    result: float = math.nan
    """The time in seconds at which the result was made; 0.0 if there is none, NaN before anything was shown."""


def changes_since(
    mine: Mine,
    view: View,
    listing: gr.Radio,
    owner: Any,
    job_id: Any,
    shown: Shown | None,
    request: gr.Request | None = None,
) -> Changes:
    """Return what must change on a page that shows ``shown`` so that it shows the finetune ``job_id`` as it is now."""
    try:
        job = mine.find(job_id)
        own = owns(job, owner, request)
        return _changes(mine, view, listing, owner, job, shown if shown and shown.job_id == job.id else Shown(), own)
    except JobError as error:
        finished, news = mine.look_up(owner, "")
        return {
            mine.finished: finished,
            mine.news: news,
            view.shown: None,
            view.timer: gr.Timer(active=False),
            view.missing: gr.Markdown(str(error), visible=bool(job_id)),
            view.everything: gr.Column(visible=False),
            listing: entries(mine, owner, job_id),
        }


def _changes(mine: Mine, view: View, listing: gr.Radio, owner: Any, job: Job, shown: Shown, own: bool) -> Changes:
    if _made(job) != shown.result:
        job.check_result()
    made, state, lines, samples = _made(job), job.state, len(job.metrics()), job.samples()
    changes: Changes = {view.head: head(mine.finetunes, job)}
    if shown.job_id != job.id:
        changes |= {
            view.missing: gr.Markdown(visible=False),
            view.everything: gr.Column(visible=True),
            view.confirm: gr.Column(visible=False),
        }
    if (state, own) != (shown.state, shown.own):
        changes |= _controls(view, job, state, own=own, has_key=owns(job, owner))
        changes[listing] = entries(mine, owner, job.id)
        changes |= badge(mine, owner)
    if lines != shown.lines:
        changes[view.curves] = curves(job)
    sample = (samples[-1].name, samples[-1].stat().st_mtime_ns) if samples else ("", 0)
    if sample != shown.sample or shown.job_id != job.id:
        try:
            changes[view.pictures] = pair(samples)
        except ImageError:  # the picture is being written, and shown next time
            sample = shown.sample
    if made != shown.result:
        changes |= _result(view, job, own=own)
        finished, news = mine.look_up(owner, job.id)
        changes |= {mine.finished: finished, mine.news: news}
    changes[view.shown] = Shown(job.id, state, own, lines, sample, made)
    return changes


def _made(job: Job) -> float:
    """Return the time in seconds at which the job's result was made; 0.0 while there is none."""
    return (job.path / "result" / "result.json").stat().st_mtime if job.result is not None else 0.0


def entries(mine: Mine, owner: Any, job_id: Any) -> Any:
    """Return the list of the visitor's finetunes, in which ``job_id`` is chosen if it is theirs."""
    found = [] if mine.missing else [list_entry(own) for own in own_jobs(mine.finetunes, owner)]
    chosen = job_id if job_id in [own_id for _, own_id in found] else None
    return gr.Radio(choices=found, value=chosen, visible=bool(found))


def _controls(view: View, job: Job, state: JobState, *, own: bool, has_key: bool) -> Changes:
    ended = own and state in (JobState.STOPPED, JobState.FAILED)
    finished = own and state is JobState.FINISHED
    failed = state is JobState.FAILED
    unattended = own and state is JobState.WAITING and on_zerogpu()  # nobody runs it if its page was turned away
    return {
        view.timer: gr.Timer(active=state in ACTIVE),
        view.not_yours: gr.Markdown(NOT_YOURS, visible=not own),
        view.delete: gr.Button(visible=own),
        view.elsewhere.rented: gr.Accordion(visible=has_key),
        view.elsewhere.push: gr.Accordion(visible=has_key and job.result is not None),
        view.stop: gr.Button(visible=own and state in (JobState.WAITING, JobState.RUNNING)),
        view.go_on: gr.Button(visible=ended or unattended),
        view.finish: gr.Button(visible=ended and job.saved_step() > 0),
        view.more: gr.Number(visible=finished),
        view.extend: gr.Button(visible=finished),
        view.log: gr.Textbox(FOLDERS.sub("…/", job.log_end()) if failed else "", visible=failed),
    }


def _result(view: View, job: Job, *, own: bool) -> Changes:
    result = job.result
    there = result is not None
    changes: Changes = {
        view.result: gr.Column(visible=there),
        view.about: gr.Accordion(visible=there),
        view.compare: gr.Button(visible=there),
        view.elsewhere.push: gr.Accordion(visible=own and there),
    }
    if result is None:
        return changes | {view.files: gr.File(visible=False)}
    card = job.checkpoint.with_suffix(".json")
    # The page serves only what lies in Gradio's own folder.
    copies = [save_copy(path) for path in (job.checkpoint, card)]
    return changes | {
        view.scores: score_rows(result["scores"], job.settings.start, job.name),
        view.files: gr.File(copies, visible=True, interactive=False),
        view.card: json.loads(card.read_bytes()),
    }
