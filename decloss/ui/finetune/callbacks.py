"""What the Finetune tab does when something is clicked: each callback checks its values and calls ``decloss.jobs``."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.files.images import ImageError
from decloss.host.devices import best_device, describe
from decloss.host.steps import Steps
from decloss.host.where import on_zerogpu
from decloss.jobs.directory import JobState
from decloss.jobs.estimate import estimate
from decloss.jobs.forecast import Standing
from decloss.jobs.photos import MOST_PHOTOS, decode_each, decode_uploads
from decloss.jobs.record import JobError
from decloss.jobs.settings import STEPS, JobSettings
from decloss.jobs.zerogpu import run_while_watched
from decloss.pixels import SCALE
from decloss.ui.finetune import words
from decloss.ui.finetune.form import OWN, Controls
from decloss.ui.finetune.html import count_workers, duration
from decloss.ui.parts.checks import check_count, said_to_visitor
from decloss.ui.parts.controls import checked, declared
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.visitor import Finished, Mine, owner_or_address
from decloss.ui.photo.input import Uploads
from decloss.zoo.checkpoint import CheckpointError, read_card
from decloss.zoo.registry import available_checkpoints

logger = logging.getLogger(__name__)


def starts(networks: Networks, finished: Finished) -> list[str]:
    """Return the names that this visitor may start from: every checkpoint of ours, then their own finetunes."""
    ours = networks.zoo.trainable()
    return [*(name for name in networks.names if name in ours), *(finished or {})]


@dataclass(frozen=True)
class Plan:
    """What the form asks for, after its values were checked."""

    settings: JobSettings
    checkpoint: Path
    """The file that the finetune starts from."""
    files: Uploads | None
    """The visitor's photos, if they chose any."""


def read_form(
    networks: Networks, mine: Mine, finished: Finished, files: Uploads | None, sent: Mapping[str, Any]
) -> Plan:
    """Return what the values of the form's controls ask for; raise a ``gr.Error`` for nonsense."""
    controls = checked(Controls, {"start": starts(networks, finished)}, **sent)
    if controls.train_on == OWN and not 1 <= len(files or ()) <= MOST_PHOTOS:
        raise gr.Error(f"Choose 1 to {MOST_PHOTOS} photos of yours, or the built-in ones.")
    checkpoint = {**networks.zoo.paths(), **mine.checkpoints(finished)}[controls.start]
    if not checkpoint.exists():
        raise gr.Error("The finetune to start from was deleted: choose another start.")
    return Plan(controls.settings, checkpoint, files)


def start(mine: Mine, plan: Plan, owner: Any, request: gr.Request | None) -> tuple[str, str]:
    """Queue a finetune, and return its id and a sentence; raise a ``gr.Error`` if it cannot be queued."""
    if mine.missing:
        raise gr.Error(mine.missing)
    settings = plan.settings
    files = plan.files if settings.own_photos else None
    try:
        photos, notes = decode_uploads(files.names, files, SCALE * settings.crop) if files else ([], [])
        job = mine.finetunes.submit(settings, owner_or_address(owner, request), plan.checkpoint, photos)
    except (ImageError, JobError) as error:
        raise gr.Error(str(error)) from error
    except OSError as error:
        logger.exception("a finetune could not be stored")
        raise gr.Error(f"The finetune could not be stored here ({error.strerror}).") from error
    return job.id, " ".join((f"**{job.name}** is queued.", *notes))


def check_files(files: Uploads | None, crop: Any) -> Iterator[str]:
    """Yield how many of the chosen photos were read so far, and at last what will be made of them."""
    if not files:
        yield ""
        return
    side = SCALE * declared(Controls)["crop"].check(crop)
    usable, said = 0, []
    try:
        for count, (photo, notes) in enumerate(decode_each(files.names, files, side), start=1):
            yield f"{count} of {len(files)} photos read …"
            usable += photo is not None
            said += notes if photo is not None else [f"**{note}**" for note in notes]
    except ImageError as error:
        yield f"**{error}**"
        return
    yield " ".join((f"{usable or 'No'} photo{'s' * (usable != 1)} to train on.", *said))


def estimate_cost(mine: Mine, plan: Plan) -> Iterator[str]:
    """Yield how long measuring has taken, and at last the time and memory of the finetune in words."""
    settings, checkpoint = plan.settings, plan.checkpoint
    began = time.monotonic()
    try:
        with closing(Steps(estimate(settings, checkpoint, mine.finetunes.data))) as measuring:
            for seconds in measuring:
                yield f"Measuring a few steps here … {seconds:.0f} s"
            cost = measuring.result
    except JobError as error:
        yield words.BEFORE_ESTIMATE
        raise gr.Error(str(error)) from error
    memory = f", up to {cost.megabytes:,} MB" if cost.megabytes is not None else ""
    yield (
        f"About **{duration(cost.seconds)}** for {settings.steps} steps ({cost.seconds_per_step:.2g} s a step, "
        f"measured just now in {duration(time.monotonic() - began)} on {describe(best_device())}){memory}."
        + (f" {words.ESTIMATE_HERE}" if mine.finetunes.line.shared else "")
    )


def command(plan: Plan) -> Any:
    """Return the box with the line that does the same in a terminal; raise a ``gr.Error`` if there is none."""
    settings, info = plan.settings, words.COMMAND_HINT
    if settings.start not in available_checkpoints():
        settings = replace(settings, start=f"{settings.start}.safetensors")
        info += words.COMMAND_OWN.format(name=settings.start)
    try:
        line = settings.command(read_card(plan.checkpoint))
    except CheckpointError as error:
        raise gr.Error("This checkpoint cannot be used: its card is damaged.") from error
    except ValueError as error:
        raise gr.Error(str(error)) from error
    return gr.Textbox(line, info=info, visible=True)


def place_in_line(mine: Mine) -> str:
    """Return a sentence on how many finetunes would be before one that is started now."""
    finetunes = mine.finetunes
    standing = finetunes.standing() if not mine.missing else Standing((), None)
    before = standing.before()
    if finetunes.line.shared:
        workers = finetunes.line.now().workers
        if not workers:
            return words.NO_WORKERS
        seconds = standing.seconds()
        wait = words.WOULD_START if seconds == 0.0 else words.UNKNOWN_WAIT if seconds is None else words.WOULD_WAIT
        return words.WORKERS.format(
            workers=count_workers(len(workers)), verb="s" * (len(workers) == 1), count=before,
            wait=wait.format(time=duration(seconds or 0.0)),
        )  # fmt: skip
    return words.BEFORE_YOURS.format(count=before, s="s" * (before != 1)) if before else words.NOBODY_BEFORE


# What follows is for finetunes that exist already.


def act(mine: Mine, what: str, owner: Any, job_id: Any, more: Any = None, request: gr.Request | None = None) -> None:
    """Stop, go on with, extend, finish or delete a finetune of the owner; raise a ``gr.Error`` if that cannot be."""
    finetunes = mine.finetunes
    with said_to_visitor(JobError):
        job = mine.find_own(owner, job_id, request)
        if what == "stop":
            finetunes.stop(job)
        elif what == "go on":
            waits_for_page = on_zerogpu() and job.state is JobState.WAITING  # which was turned away, and runs it now
            if not waits_for_page:
                finetunes.resume(job)
        elif what == "extend":
            steps = check_count(more, "The number of further steps", *STEPS)
            finetunes.resume(job, job.settings.steps + steps)
        elif what == "finish":
            finetunes.finish_here(job)
        else:
            finetunes.delete(job)


def run_slices(mine: Mine, owner: Any, job_id: Any, request: gr.Request | None = None) -> Iterator[str]:
    """Train the owner's finetune ``job_id`` on ZeroGPU slice by slice, and yield sentences on what it does."""
    with said_to_visitor(JobError):
        for news in run_while_watched(mine.find_own(owner, job_id, request)):
            yield str(news.get("message", words.SLICE.format(**news)))


def compare_with_start(networks: Networks, finished: Finished, name: str, begun_from: str) -> Any:
    """Return Compare's checkboxes with a finetune and its start ticked; Compare adds finetunes to them itself."""
    there = [*networks.names, *(finished or {})]
    return gr.CheckboxGroup(value=[choice for choice in there if choice in (begun_from, name)])
