"""What Compare does when something is clicked: each callback checks its values and calls the library."""

import contextlib
import logging
import os
from collections.abc import Generator, Iterator
from typing import Any

import gradio as gr
import torch

from decloss.files.images import ImageError
from decloss.host.steps import Steps
from decloss.inference.interruptible import interruptible
from decloss.models.sharpening import Sharpened
from decloss.ui.compare.closer_look import show_region
from decloss.ui.compare.comparison import Comparison, Pictures, start_comparison
from decloss.ui.compare.controls import WITH_ORIGINAL, Controls, RegionControls
from decloss.ui.compare.score_table import score_table
from decloss.ui.compare.shared import LastRun, SharedComparisons
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.views.comparison import Result, Task, prepare_task, run_shared
from decloss.views.shared_results import digest_of
from decloss.zoo.checkpoint import CheckpointError
from decloss.zoo.registry import TWIN_OF, Zoo, sharpened, sharpened_card

logger = logging.getLogger(__name__)

NO_NEWS = (gr.skip(),) * 7
"""What ``run_comparison`` would yield for no change at all."""


def run_comparison(
    networks: Networks, upload: Upload | None, controls: Controls
) -> Generator[tuple[Any, ...], None, None]:
    """Run every chosen checkpoint, and yield (comparison, *values of ``Outputs.filled``) whenever there is news."""
    names, framing, region = controls.checkpoints, controls.framing, controls.region
    try:
        photo = decode_or_explain(upload)
        with said_to_visitor(ImageError):
            task = prepare_task(photo.pixels, framing, is_original=controls.mode == WITH_ORIGINAL)
    except gr.Error as error:  # what is shown belongs to another photo, and must not be taken for this one's
        yield (None, [], "", f"**{error.message}**", None, None, [])
        raise
    comparison = start_comparison(task, digest_of(photo.pixels), names)
    notes = " ".join((*photo.notes, *task.notes))
    for index, name in enumerate(names, start=1):
        where = f"**{name}** ({index} of {len(names)})"
        comparison = comparison.with_waiting_for(names[index - 1 :])
        yield _show(comparison, f"{notes} Running {where} …", region)
        doing = "0%"
        try:
            with contextlib.closing(Steps(interruptible(_run(networks, name, task, controls.sharpening)))) as network:
                for share in network:
                    if share is not None:
                        doing = "measuring" if share == 1 and task.hr is not None else f"{share:.0%}"
                    yield _said(f"{notes} Running {where}: {doing} …")
                comparison = comparison.with_result(network.result)
        except CheckpointError as error:
            comparison = comparison.with_failure(name, _without_folders(str(error), networks.zoo))
        except RuntimeError as error:  # torch raises it, above all when memory runs out
            logger.exception("%s did not run", name)
            torch.cuda.empty_cache()
            comparison = comparison.with_failure(name, f"could not be run here ({type(error).__name__})")
    yield _show(comparison.with_waiting_for(()), f"{notes} {_summary(comparison)}", region)


def run_unless_left(
    networks: Networks, upload: Upload | None, controls: Controls, last: LastRun, before: int
) -> Iterator[tuple[Any, ...]]:
    """Yield what ``run_comparison`` yields, and end the run once the visitor is shown the results of an example.

    ``before`` is ``last.examples`` as it was when the run was asked for.
    """
    with contextlib.closing(run_comparison(networks, upload, controls)) as run:
        for values in run:
            if last.examples != before:
                yield _said("")  # Gradio's page gets the last piece once more at the end: it must not say "Running"
                return
            if values[0] is None or isinstance(values[0], Comparison):
                last.show(values[0])
            yield values


def show_stopped(
    shared: SharedComparisons, comparison: Comparison | None, last: LastRun, region: RegionControls
) -> tuple[Any, ...]:
    """Return the results so far after a stop, in the form in which ``run_comparison`` yields them.

    Before the visitor's own run has shown anything, what is shown may be an example's, whose results go on coming.
    """
    last.stop()
    own = None if comparison is None or shared.has(comparison) else comparison
    if own is None or own.photo != last.photo:
        last.photo = ""
    if own is None:
        return _said("Stopped.")
    if not own.waiting:  # the run is over, and says so
        return NO_NEWS
    return _show(own.with_waiting_for(()), "Stopped.", region)


def show_chosen(
    shared: SharedComparisons, photo: str, known: Comparison | None, last: LastRun, region: RegionControls
) -> tuple[tuple[Any, ...], bool]:
    """Return what ``show_shared`` returns of the photo that is chosen now; nothing if the last run was on that photo.

    A run on another photo that is under way ends then.
    """
    if photo == last.photo:
        return NO_NEWS, False
    last.photo = ""
    values, more = show_shared(shared, photo, known, region)
    if last.photo:  # what the visitor ran is shown, also if it began meanwhile
        return NO_NEWS, False
    if isinstance(values[0], Comparison):
        if not last.shows(values[0]):  # more results of what is shown are no other choice
            last.examples += 1
        last.show(values[0])
    return values, more


def show_shared(
    shared: SharedComparisons, photo: str, known: Comparison | None, region: RegionControls
) -> tuple[tuple[Any, ...], bool]:
    """Return the shared comparison of the example with the digest ``photo``, and whether more of it is to come.

    It has the form of what ``run_comparison`` yields. Nothing changes if it is ``known``, which the visitor sees, if
    that is the visitor's own run on the photo, or if the photo is no example.
    """
    example = shared.results.find(photo)
    if example is None:
        return NO_NEWS, False
    comparison = shared.of(example)
    if known is None or known.photo != photo:
        shared.results.want(example)
    elif known.folder != comparison.folder:
        return NO_NEWS, False
    return NO_NEWS if known is comparison else _show(comparison, "", region), bool(comparison.waiting)


def make_files(networks: Networks, comparison: Comparison) -> list[str]:
    """Write every picture as a PNG and all of them as a ZIP, and return the paths, that of the ZIP first."""
    cards = {}
    for result in comparison.results:
        with contextlib.suppress(CheckpointError):  # it was deleted after it ran
            card = networks.card(result.name)
            twin = result.sharpening is not None
            cards[result.name] = sharpened_card(networks.card(TWIN_OF), result.sharpening) if twin else card
    return comparison.write_files(cards)


def _run(networks: Networks, name: str, task: Task, amount: float) -> Generator[float, None, Result]:
    """Load the checkpoint ``name``, which reads and checks its file, and run it on ``task``; yield the share done.

    The sharpened twin sharpens by ``amount``.
    """
    model = networks.load(name)
    if isinstance(model, Sharpened):
        model = sharpened(model.network, amount)
    return (yield from run_shared(name, model, task))


def _without_folders(text: str, zoo: Zoo) -> str:
    """Return ``text`` without the folders of ``zoo``: visitors need not know where the server keeps its files."""
    for folder in zoo.folders:
        text = text.replace(f"{folder}{os.sep}", "")
    return text


def _said(status: str) -> tuple[Any, ...]:
    """Return another status alone, in the form of what ``run_comparison`` yields."""
    return (*NO_NEWS[:3], status, *NO_NEWS[4:])


def _show(comparison: Comparison, status: str, region: RegionControls) -> tuple[Any, ...]:
    waiting = comparison.waiting
    shown = comparison.with_waiting(waiting)
    gallery: Pictures = [(picture.path, picture.caption) for picture in shown.pictures.values()]
    with_reference = comparison.task.hr is not None
    table = score_table(
        comparison.results, with_reference=with_reference, failed=dict(comparison.failed), waiting=waiting
    )
    scores = {
        result.name: {
            "psnr_y": result.scores.psnr_y if result.scores else None,
            "ssim": result.scores.ssim if result.scores else None,
            "lpips": result.scores.lpips if result.scores else None,
            "seconds": result.seconds,
            "parameters": result.parameters,
            **({} if result.sharpening is None else {"sharpening": result.sharpening}),
        }
        for result in comparison.results
    }
    return (comparison, gallery, table, status, scores, *show_region(shown, region))


def _summary(comparison: Comparison) -> str:
    height, width = comparison.task.lr.shape[:2]
    text = f"Done: {width} × {height} to {width * 4} × {height * 4}."
    missing = {result.scores.lpips_missing for result in comparison.results if result.scores} - {None}
    return text + "".join(f" LPIPS is n/a: {reason}." for reason in missing)
