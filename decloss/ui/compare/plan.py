"""What is said before a run starts: what will be cut or shrunk, and about how long it will take."""

import re
from typing import Any

import gradio as gr

from decloss.files.images import ImageError
from decloss.models.sharpening import AMOUNT
from decloss.pixels import SCALE
from decloss.ui.compare.controls import WITH_ORIGINAL, Controls
from decloss.ui.compare.inputs import EXAMPLE, OWN
from decloss.ui.photo.input import Upload
from decloss.views.comparison import Plan, plan_task
from decloss.views.shared_results import digest_of
from decloss.views.speeds import SPEEDS
from decloss.zoo.registry import SHARPENED

SHOWN = re.compile(r"([0-9a-f]{64}) ([0-9]{1,7}) ([0-9]{1,7}) ([01])")
"""The form of the text that stands for a photo: its digest, height and width, and whether it is an example."""
CHOOSE = "Choose a photo first."


def name_photo(upload: Upload | None, is_example: Any) -> str:
    """Return the text that stands for a photo; "" for none or one that cannot be used."""
    if upload is None:
        return ""
    try:
        photo = upload.photo()
    except (ImageError, gr.Error):  # the panel says why
        return ""
    digest = digest_of(photo.pixels)
    height, width = photo.pixels.shape[:2]
    return f"{digest} {height} {width} {int(is_example(digest))}"


def describe_run(shown: Any, controls: Controls) -> tuple[str, str]:
    """Return the words on the button, and what the run will do and how long it will take."""
    found = SHOWN.fullmatch(shown) if isinstance(shown, str) else None
    if found is None:
        return OWN, CHOOSE
    shape, is_example = (int(found[2]), int(found[3])), found[4] == "1"
    is_original = controls.mode == WITH_ORIGINAL
    try:
        plan = plan_task(shape, controls.framing, is_original=is_original)
    except ImageError as error:
        return OWN, str(error)
    hr = tuple(SCALE * side for side in plan.lr) if is_original else None
    seconds = SPEEDS.seconds(controls.checkpoints, plan.lr, hr)
    count = len(controls.checkpoints)
    words = (
        f"{_what(shape, plan, is_original=is_original)} **{_duration(seconds)}** for {count} network{'s'[: count > 1]}."
    )
    if is_example and is_original and plan.size == shape and _as_shared(controls):  # then all of it is there already
        return EXAMPLE, f"All networks are shown above for this example already. {_what(shape, plan, is_original=True)}"
    return EXAMPLE if is_example else OWN, words


def _as_shared(controls: Controls) -> bool:
    return controls.sharpening == AMOUNT or SHARPENED not in controls.checkpoints


def _what(shape: tuple[int, int], plan: Plan, *, is_original: bool) -> str:
    height, width = shape
    size = f"{plan.size[1]} × {plan.size[0]}"
    if plan.size == shape:
        used = f"Your {width} × {height} photo is used as it is."
    elif plan.is_cut:
        used = f"A piece of {size} pixels is cut out of your {width} × {height} photo, around the place."
    else:
        used = f"Your {width} × {height} photo is shrunk to {size}."
    lr, sr = f"{plan.lr[1]} × {plan.lr[0]}", f"{SCALE * plan.lr[1]} × {SCALE * plan.lr[0]}"
    if is_original:
        return f"{used} That is the original; shrunk by 4 once more, to {lr}, it is what the networks get."
    return f"{used} The networks enlarge it from {lr} to {sr}."


def _duration(seconds: float) -> str:
    if seconds < 1.5:
        return "About a second"
    if seconds < 90:
        return f"About {seconds:.0f} s" if seconds < 10 else f"About {5 * round(seconds / 5)} s"
    return f"About {seconds / 60:.0f} min"
