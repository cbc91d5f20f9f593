"""What Compare does when something is clicked: each callback checks its values and calls the library."""

import contextlib
import logging
import os
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import gradio as gr
import torch

from decloss.files.images import ImageError
from decloss.host.steps import Steps
from decloss.inference.interruptible import interruptible
from decloss.pixels import SCALE
from decloss.ui.compare.closer_look import show_region
from decloss.ui.compare.score_table import score_table
from decloss.ui.compare.session import Pictures, Session, start_session
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.views.comparison import Framing, Result, Task, prepare_task, run_network
from decloss.zoo.checkpoint import CheckpointError
from decloss.zoo.registry import Zoo

logger = logging.getLogger(__name__)

WITH_ORIGINAL, WITHOUT_ORIGINAL = "I have the original", "Upscale this"
CROP, WHOLE = "Cut out a piece", "Shrink the whole photo"
SIDES = (256, 2048)


def side_for(mode: str) -> int:
    """The size of the result to start with: "upscale this" enlarges, so the same input needs more."""
    return 1024 if mode == WITH_ORIGINAL else 2048


def run_comparison(
    networks: Networks,
    upload: Upload | None,
    mode: str,
    names: list[str],
    fit: str,
    side: float,
    x: float,
    y: float,
    region: Sequence[float],
) -> Iterator[tuple[Any, ...]]:
    """Run every chosen checkpoint; yields (session, gallery, table, status, scores, map, crops) as each finishes."""
    is_original = check_choice(mode, "The mode", (WITH_ORIGINAL, WITHOUT_ORIGINAL)) == WITH_ORIGINAL
    names = check_choices(names, "the checkpoints", networks.names)
    framing = Framing(
        side=check_count(side, "The size of the result", *SIDES, SCALE),
        whole=check_choice(fit, "The fit", (CROP, WHOLE)) == WHOLE,
        x=check_number(x, "The centre (from the left)", 0, 100) / 100,
        y=check_number(y, "The centre (from the top)", 0, 100) / 100,
    )
    photo = decode_or_explain(upload)
    try:
        task = prepare_task(photo.pixels, framing, is_original=is_original)
    except ImageError as error:
        raise gr.Error(str(error)) from error
    session = start_session(task)
    notes = " ".join((*photo.notes, *task.notes))
    for index, name in enumerate(names, start=1):
        where = f"**{name}** ({index} of {len(names)})"
        yield _show(session, f"{notes} Running {where} …", region, waiting=names[index - 1 :])
        doing = "0%"
        try:
            with contextlib.closing(Steps(interruptible(_run(networks, name, task)))) as network:
                for share in network:
                    if share is not None:
                        doing = "measuring" if share == 1 and task.hr is not None else f"{share:.0%}"
                    yield (*(gr.skip(),) * 3, f"{notes} Running {where}: {doing} …", *(gr.skip(),) * 3)
                session = session.with_result(network.result)
        except CheckpointError as error:
            session = session.with_failure(name, _without_folders(str(error), networks.zoo))
        except RuntimeError as error:  # of torch: memory above all
            logger.exception("%s did not run", name)
            torch.cuda.empty_cache()
            session = session.with_failure(name, f"could not be run here ({type(error).__name__})")
    yield _show(session, f"{notes} {_summary(session)}", region)


def show_stopped(session: Session | None, *region: float) -> tuple[Any, ...]:
    """After a stop, what there is: the same as a run yields, but for the session."""
    if session is None:
        return (gr.skip(), gr.skip(), "Stopped.", *(gr.skip(),) * 3)
    return _show(session, "Stopped.", region)[1:]


def make_files(networks: Networks, session: Session | None) -> list[str] | None:
    """Every picture as PNG and all of them as ZIP."""
    if session is None:
        return None
    cards = {}
    for name in (result.name for result in session.results):
        with contextlib.suppress(CheckpointError):  # deleted since it ran
            cards[name] = networks.card(name)
    return session.write_files(cards)


def _run(networks: Networks, name: str, task: Task) -> Generator[float, None, Result]:
    """Loading included, which reads and checks a file."""
    return (yield from run_network(name, networks.load(name), task))


def _without_folders(text: str, zoo: Zoo) -> str:
    """The text without the folders of ``zoo``: visitors need not know where the server keeps its files."""
    for folder in zoo.folders:
        text = text.replace(f"{folder}{os.sep}", "")
    return text


def _show(session: Session, status: str, region: Sequence[float], waiting: Sequence[str] = ()) -> tuple[Any, ...]:
    shown = session.with_waiting(waiting)
    gallery: Pictures = [(picture.path, picture.caption) for picture in shown.pictures.values()]
    with_reference = session.task.hr is not None
    table = score_table(session.results, with_reference=with_reference, failed=dict(session.failed), waiting=waiting)
    scores = {
        result.name: {
            "psnr_y": result.scores.psnr_y if result.scores else None,
            "ssim": result.scores.ssim if result.scores else None,
            "lpips": result.scores.lpips if result.scores else None,
            "seconds": result.seconds,
            "parameters": result.parameters,
        }
        for result in session.results
    }
    return (session, gallery, table, status, scores, *show_region(shown, *region))


def _summary(session: Session) -> str:
    height, width = session.task.lr.shape[:2]
    text = f"Done: {width} × {height} to {width * 4} × {height * 4}."
    missing = {result.scores.lpips_missing for result in session.results if result.scores} - {None}
    return text + "".join(f" LPIPS is n/a: {reason}." for reason in missing)
