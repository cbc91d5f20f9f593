"""What Compare does when something is clicked: each callback checks its values and calls the library."""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import gradio as gr
from torch import nn

from decloss.comparison import Framing, prepare_task, run_network
from decloss.devices import to_best_device
from decloss.evaluation import SCALE
from decloss.figures.difference import FULL_SCALE, difference_map, mean_difference
from decloss.figures.regions import Region, enlarge, outline, region_at
from decloss.figures.spectrum import power_figure, spectrum_picture, to_pixels
from decloss.images import ImageError, RGBArray, decode_photo, shrink
from decloss.training.checkpoint import CheckpointError
from decloss.ui.checks import check_choice, check_choices, check_number
from decloss.ui.photo_input import decode_or_explain
from decloss.ui.score_table import score_table
from decloss.ui.session import HR_NAME, LR_NAME, Session, start_session
from decloss.zoo import BICUBIC, Zoo

WITH_ORIGINAL, WITHOUT_ORIGINAL = "I have the original", "Upscale this"
CROP, WHOLE = "Cut out a piece", "Shrink the whole photo"
SIDES = (256, 2048)
REGION_SIDES = (16, 256)
MAP_SIDE = 640
REFUSED = "refused"

# Pictures with captions, as gr.Gallery takes them.
Pictures = list[tuple[Any, str]]


def checkpoint_names(zoo: Zoo) -> list[str]:
    """What can be chosen: bicubic, then every checkpoint."""
    return [BICUBIC, *zoo.paths()]


def network_loader(zoo: Zoo) -> Callable[[str], nn.Module]:
    """Networks by name on the best device, the last sixteen kept in memory."""
    return lru_cache(maxsize=16)(lambda name: to_best_device(zoo.load(name)))


def check_photo(content: bytes | None, shown: str) -> tuple[Any, Any, str]:
    """After the photo changed: the photo as it will be used (only if that differs), a note, and what is shown now.

    A file that cannot be used is taken out again. Both answers change the photo once more, and come back here:
    ``shown``, a digest of what was put there or ``REFUSED``, tells them from what a visitor does; the note then stays.
    """
    if content is None:
        return gr.skip(), gr.skip() if shown == REFUSED else "", ""
    try:
        photo = decode_photo(content)
    except ImageError as error:
        gr.Warning(str(error))
        return None, f"**{error}**", REFUSED
    digest = hashlib.sha256(photo.pixels.tobytes()).hexdigest()
    if digest == shown:
        return gr.skip(), gr.skip(), shown
    height, width = photo.pixels.shape[:2]
    text = " ".join((f"{width} × {height} pixels.", *photo.notes))
    return photo.pixels if photo.notes else gr.skip(), text, digest


def run_comparison(
    zoo: Zoo,
    load: Callable[[str], nn.Module],
    content: bytes | None,
    mode: str,
    names: list[str],
    fit: str,
    side: float,
    x: float,
    y: float,
    region: tuple[float, float, float],
) -> Iterator[tuple[Any, ...]]:
    """Run every chosen checkpoint; yields (session, gallery, table, status, scores, map, crops) as each finishes."""
    is_original = check_choice(mode, "The mode", (WITH_ORIGINAL, WITHOUT_ORIGINAL)) == WITH_ORIGINAL
    names = check_choices(names, "the checkpoints", checkpoint_names(zoo))
    framing = Framing(
        side=round(check_number(side, "The size of the result", *SIDES) / 4) * 4,
        whole=check_choice(fit, "The fit", (CROP, WHOLE)) == WHOLE,
        x=check_number(x, "The centre (from the left)", 0, 100) / 100,
        y=check_number(y, "The centre (from the top)", 0, 100) / 100,
    )
    photo = decode_or_explain(content)
    try:
        task = prepare_task(photo.pixels, framing, is_original=is_original)
    except ImageError as error:
        raise gr.Error(str(error)) from error
    session = start_session(task)
    notes = " ".join((*photo.notes, *task.notes))
    for index, name in enumerate(names, start=1):
        where = f"**{name}** ({index} of {len(names)})"
        yield _show(session, f"{notes} Running {where} …", *region)
        try:
            network = run_network(name, load(name), task)
            while True:
                try:
                    share = next(network)
                except StopIteration as finished:
                    session = session.with_result(finished.value)
                    break
                yield (*(gr.skip(),) * 3, f"{notes} Running {where}: {share:.0%}", *(gr.skip(),) * 3)
        except CheckpointError as error:
            # Without the folder: visitors need not know where the server keeps its files.
            session = session.with_failure(name, str(error).replace(f"{zoo.paths()[name].parent}{os.sep}", ""))
    yield _show(session, f"{notes} {_summary(session)}", *region)


def show_region(session: Session | None, x: float, y: float, side: float) -> tuple[Any, Pictures]:
    """The map with the region framed, and the region of every picture enlarged."""
    if session is None:
        return None, []
    x = check_number(x, "The region's centre (from the left)", 0, 100) / 100
    y = check_number(y, "The region's centre (from the top)", 0, 100) / 100
    side = round(check_number(side, "The region's size", *REGION_SIDES))
    base = session.pictures.get(HR_NAME) or list(session.pictures.values())[-1]
    region = region_at(base.pixels.shape, x, y, side)
    crops: Pictures = [(enlarge(picture.pixels, region), name) for name, picture in session.pictures.items()]
    return _map(base.pixels, region, _map_size(session.task.lr.shape)), crops


def clicked_place(session: Session | None, index: Any) -> tuple[float, float]:
    """Percent from the left and from the top of a click on the map."""
    if session is None:
        raise gr.Error("Compare something first.")
    height, width = _map_size(session.task.lr.shape)
    return _percent(index, width, height)


def clicked_photo(content: bytes | None, event: gr.SelectData) -> tuple[float, float, str]:
    """Percent from the left and from the top of a click on the photo, and a note that says so."""
    height, width = decode_or_explain(content).pixels.shape[:2]
    x, y = (round(value) for value in _percent(event.index, width, height))
    return (
        x,
        y,
        f"{width} × {height} pixels. If a piece is cut out, it is around {x} % from the left, {y} % from the top.",
    )


def show_pair(session: Session | None, first: str, second: str) -> tuple[Any, Any, str]:
    """The before/after slider of two pictures, their difference, and its size in words."""
    if session is None:
        return None, None, ""
    names = list(session.pictures)
    a, b = (session.pictures[check_choice(name, "The picture", names)] for name in (first, second))
    difference = mean_difference(a.pixels, b.pixels)
    text = (
        f"**{first}** against **{second}**: they differ by {difference.mean():.4f} on average and by "
        f"{difference.max():.3f} at most, of values from 0 to 1. Black is equal; pale yellow is {FULL_SCALE:g} or more."
    )
    return (a.path, b.path), difference_map(a.pixels, b.pixels), text


def choose_pair(session: Session | None) -> tuple[Any, Any]:
    """The two menus after a run: the last network against the first result."""
    if session is None or not session.results:
        return gr.skip(), gr.skip()
    names = list(session.pictures)
    first, second = session.results[0].name, session.results[-1].name
    if first == second:
        second = HR_NAME if HR_NAME in names else names[0]
    return gr.Dropdown(choices=names, value=first), gr.Dropdown(choices=names, value=second)


def show_spectra(session: Session | None) -> tuple[Pictures, Any]:
    """The spectrum of each picture, and their power by frequency as one figure."""
    if session is None:
        return [], None
    # LR is left out: enlarged to blocks it would show the spectrum of the blocks.
    pictures = {name: picture.pixels for name, picture in session.pictures.items() if name != LR_NAME}
    spectra: Pictures = [(spectrum_picture(pixels), name) for name, pixels in pictures.items()]
    return spectra, to_pixels(power_figure(pictures))


def make_files(zoo: Zoo, session: Session | None) -> list[str] | None:
    """Every picture as PNG and all of them as ZIP."""
    if session is None:
        return None
    return session.write_files({result.name: zoo.card(result.name) for result in session.results})


def _show(session: Session, status: str, x: float, y: float, side: float) -> tuple[Any, ...]:
    gallery: Pictures = [(picture.path, picture.caption) for picture in session.pictures.values()]
    with_reference = session.task.hr is not None
    table = score_table(session.results, with_reference=with_reference, failed=dict(session.failed))
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
    return (session, gallery, table, status, scores, *show_region(session, x, y, side))


def _summary(session: Session) -> str:
    height, width = session.task.lr.shape[:2]
    text = f"Done: {width} × {height} to {width * 4} × {height * 4}."
    missing = {result.scores.lpips_missing for result in session.results if result.scores} - {None}
    return text + "".join(f" LPIPS is n/a: {reason}." for reason in missing)


def _percent(index: Any, width: int, height: int) -> tuple[float, float]:
    if not (isinstance(index, list | tuple) and len(index) == 2):
        raise gr.Error("A click needs two coordinates.")
    x, y = (
        check_number(value, "The coordinate", 0, limit) for value, limit in zip(index, (width, height), strict=True)
    )
    return round(100 * x / width, 1), round(100 * y / height, 1)


def _map_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width of the map for an LR shape, ``MAP_SIDE`` on the longer side.

    Larger than it is shown even for a small photo: Gradio reports clicks wrongly on a picture that the page enlarges.
    """
    height, width = (SCALE * side for side in shape[:2])
    factor = MAP_SIDE / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


def _map(pixels: RGBArray, region: Region, size: tuple[int, int]) -> RGBArray:
    return shrink(outline(pixels, region), *size)
