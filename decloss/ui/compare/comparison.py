"""What is kept of a comparison between clicks: its pictures, as arrays and as PNG files made once."""

from __future__ import annotations

import json
import os
import re
import tempfile
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from decloss.evaluation.scores import PROTOCOL, for_json
from decloss.figures.regions import repeat
from decloss.files.atomic import rename
from decloss.files.images import RGBArray, encode_png
from decloss.pixels import SCALE
from decloss.views.comparison import Result, Task
from decloss.zoo.checkpoint import Card

LR_NAME, HR_NAME = "LR", "HR"

# Pictures with captions in the form that gr.Gallery takes: each is a file or an array.
Pictures = list[tuple[str | RGBArray, str]]


@dataclass(frozen=True)
class Picture:
    """One picture of a comparison, whose pictures all have the same size."""

    pixels: RGBArray
    """(4h, 4w, 3)."""
    path: str
    """The path of the PNG file."""
    caption: str


@dataclass(frozen=True)
class Comparison:
    """A comparison so far. It never changes: callbacks that run at the same time each see a whole one."""

    task: Task
    pictures: Mapping[str, Picture]
    """The pictures by name: LR enlarged (nearest neighbour), then the results in the order they came, then HR."""
    results: tuple[Result, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """The checkpoints that did not run, each with the reason."""
    blank: Picture | None = None
    """An even picture, which is shown in place of a result that is still to come."""
    order: tuple[str, ...] = ()
    """All checkpoints that were asked for, in the order in which they are shown."""
    waiting: tuple[str, ...] = ()
    """Those of them that are still to run."""
    photo: str = ""
    """The digest of the photo that the task was made from."""
    # Deleted with the last reference to this comparison; what is being sent then stays on Windows, until it is swept.
    folder: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory("-decloss", ignore_cleanup_errors=True)
    )

    def with_result(self, result: Result) -> Comparison:
        """Return the comparison with one more result."""
        name = " · ".join(filter(None, (result.name, sharpened_by(result))))
        caption = f"{name} · {result.scores.psnr_y:.2f} dB" if result.scores else f"{name} · {result.seconds:.2f} s"
        added = {result.name: _save_picture(Path(self.folder.name), result.name, result.pixels, caption)}
        return replace(self, pictures=_before_hr(self.pictures, added), results=(*self.results, result))

    def with_waiting(self, names: Sequence[str]) -> Comparison:
        """Return the comparison with blank pictures for ``names``, so that nothing moves when their results come."""
        if self.blank is None:
            return self
        added = {name: replace(self.blank, caption=f"{name} · waiting") for name in names}
        return replace(self, pictures=_before_hr(self.pictures, added))

    def in_order(self) -> Comparison:
        """Return the comparison with its results in its ``order``, whatever the order in which they came."""
        results = sorted(self.results, key=lambda result: self.order.index(result.name))
        shown = {result.name: self.pictures[result.name] for result in results}
        others = {name: picture for name, picture in self.pictures.items() if name not in shown}
        return replace(self, pictures=_before_hr(others, shown), results=tuple(results))

    def files_are_there(self) -> bool:
        """Return whether all pictures' files exist, and make them look new, so that the sweeper leaves them."""
        try:
            for picture in self.pictures.values():
                os.utime(picture.path)
        except OSError:
            return False
        return True

    def with_waiting_for(self, names: Sequence[str]) -> Comparison:
        """Return the comparison with ``names`` as those that are still to run."""
        return replace(self, waiting=tuple(names))

    def with_failure(self, name: str, reason: str) -> Comparison:
        """Return the comparison with one more checkpoint that did not run, and the reason."""
        return replace(self, failed={**self.failed, name: reason})

    def write_files(self, cards: Mapping[str, Card]) -> list[str]:
        """Write a ZIP of all pictures, the scores and the checkpoints' cards; return its path and those of the PNGs."""
        scores = {
            "protocol": PROTOCOL,
            "notes": self.task.notes,
            "results": {
                result.name: {
                    "scores": for_json(asdict(result.scores)) if result.scores else None,
                    "seconds": result.seconds,
                    "parameters": result.parameters,
                    **({} if result.sharpening is None else {"sharpening": result.sharpening}),
                }
                for result in self.results
            },
            "cards": dict(cards),
        }
        paths = [Path(picture.path) for picture in self.pictures.values()]
        bundle = Path(self.folder.name) / "decloss.zip"
        part = bundle.with_name(f".{uuid.uuid4().hex}.part")  # visitors of an example share the folder
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:  # PNGs do not shrink any further
            for path in paths:
                archive.write(path, path.name)
            archive.writestr("scores.json", json.dumps(scores, indent=1))
        rename(part, bundle)
        return [str(bundle), *map(str, paths)]


def start_comparison(task: Task, photo: str = "", order: Sequence[str] = ()) -> Comparison:
    """Return the comparison of a task before any network has run: it has LR, and HR if there is one.

    Args:
        task: the task.
        photo: the digest of the photo that the task was made from.
        order: the checkpoints that will be run.
    """
    empty = Comparison(task, {}, photo=photo, order=tuple(order), waiting=tuple(order))
    folder = Path(empty.folder.name)
    pictures = {LR_NAME: _save_picture(folder, LR_NAME, repeat(task.lr, SCALE), "LR · the input")}
    if task.hr is not None:
        pictures[HR_NAME] = _save_picture(folder, HR_NAME, task.hr, "HR · the original")
    even = np.empty_like(pictures[LR_NAME].pixels)
    even[...] = task.lr.mean(axis=(0, 1))
    return replace(empty, pictures=pictures, blank=_save_picture(folder, "waiting", even, ""))


def sharpened_by(result: Result) -> str:
    """Return by how much a result was sharpened, in words; "" for a network's own picture."""
    return "" if result.sharpening is None else f"by {result.sharpening:g}"


def _before_hr(pictures: Mapping[str, Picture], added: Mapping[str, Picture]) -> dict[str, Picture]:
    """Return ``pictures`` with those ``added`` after all but HR, which stays the last one."""
    last = {name: picture for name, picture in pictures.items() if name == HR_NAME}
    before = {name: picture for name, picture in pictures.items() if name != HR_NAME}
    return {**before, **added, **last}


def _save_picture(folder: Path, name: str, pixels: RGBArray, caption: str) -> Picture:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")
    path = folder / f"{plain}.png"
    if path.exists():  # a name that differs only in what file names cannot have took this path
        path = folder / f"{plain}-{len(list(folder.iterdir()))}.png"
    path.write_bytes(encode_png(pixels))
    return Picture(pixels, str(path), caption)
