"""The form of a finetune: its controls, and their values, checked, as the settings of a job."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from decloss.dec import mu_from_fraction
from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.jobs.photos import MOST_PHOTOS
from decloss.jobs.settings import BATCHES, CROPS, LEARNING_RATES, STEPS, JobSettings
from decloss.pixels import SCALE
from decloss.training.config import RECIPES
from decloss.ui.finetune import words
from decloss.ui.parts.checks import check_choice, check_count, check_number
from decloss.ui.photo.component import PhotoFiles
from decloss.ui.photo.input import Uploads

IN_DB, AS_SHARE = "dB", "share"
BUILT_IN, OWN = "the built-in photos", "my photos"
WEIGHTS, PATCH_SIZES, ALPHAS, MUS = (0.0, 1000.0), ("2", "4", "8", "16", "32"), (0.25, 4.0), (0.1, 1.0)
ETAS, SHARES, TEMPERATURES, SEEDS = (-20.0, 80.0), (0.1, 50.0), (0.05, 8.0), (0, 9999)
SCHEDULE = JobSettings("")
"""Its defaults."""
LOSSES = replace(RECIPES["edsr-l1-dec"].losses, trunk="vgg16")
"""The defaults of the loss; VGG-16 is the trunk of the shipped checkpoints."""
DEFAULT_MU = 0.25
DEFAULT_ETA = 20.0
"""dB, of the slider that is not in use at first."""


@dataclass(frozen=True)
class Form:
    """The controls."""

    controls: dict[str, Any]
    """By name, in the order of ``read_settings``."""
    files: gr.File
    note: gr.Markdown
    """What is said of the files."""

    @property
    def start(self) -> gr.Dropdown:
        return self.controls["start"]


def read_settings(names: Sequence[str], files: Uploads | None, values: Sequence[Any]) -> JobSettings:
    """The controls' values, in the order of the form, as settings; a ``gr.Error`` for nonsense.

    Args:
        names: the checkpoints that this visitor may start from.
        files: only their number is looked at.
        values: of the controls.
    """
    v = dict(zip(NAMES, values, strict=True))
    n = {name: check_number(v[name], *limits) for name, limits in NUMBERS.items()}
    steps, batch, crop, seed = (check_count(v[name], *limits) for name, limits in COUNTS.items())
    start = check_choice(v["start"], "The start", names)
    by = check_choice(v["by"], "The way to set η", (AS_SHARE, IN_DB))
    own = check_choice(v["photos"], "The photos", (BUILT_IN, OWN)) == OWN
    patch_size = int(check_choice(v["patch"], "P", PATCH_SIZES))
    reading = check_choice(v["reading"], "The reading of the temperatures", (OUTSIDE, INSIDE))
    if own and not 1 <= len(files or ()) <= MOST_PHOTOS:
        raise gr.Error(f"Choose 1 to {MOST_PHOTOS} photos of yours, or the built-in ones.")
    try:
        losses = replace(
            LOSSES,
            l1_weight=n["l1"],
            perceptual_weight=n["perceptual"],
            dec_weight=n["dec"],
            alpha=n["alpha"],
            mu=mu_from_fraction(n["mu"], SCALE * crop),
            eta=n["eta"] if by == IN_DB else LOSSES.eta,
            positive_share=n["share"] / 100 if by == AS_SHARE else 0.0,
            t_pos=n["tpos"],
            t_neg=n["tneg"],
            temperature=reading,  # type: ignore[arg-type]  # one of the two
            patch_size=patch_size,
        )
        return JobSettings(start, losses, n["rate"], steps, batch, crop, own_photos=own, seed=seed)
    except ValueError as error:
        raise gr.Error(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


NUMBERS = {
    "l1": ("ω₁", *WEIGHTS),
    "perceptual": ("ω₂", *WEIGHTS),
    "dec": ("ω₃", *WEIGHTS),
    "eta": ("η", *ETAS),
    "share": ("The share of positive pairs", *SHARES),
    "alpha": ("α", *ALPHAS),
    "mu": ("μ", *MUS),
    "tpos": ("t_pos", *TEMPERATURES),
    "tneg": ("t_neg", *TEMPERATURES),
    "rate": ("The learning rate", *LEARNING_RATES),
}
COUNTS = {
    "steps": ("The number of steps", *STEPS),
    "batch": ("The batch", *BATCHES),
    "crop": ("The crop", *CROPS),
    "seed": ("The seed", *SEEDS),
}
NAMES = (
    "start", "photos", "steps", "l1", "perceptual", "dec", "patch", "by", "share", "eta", "alpha", "mu", "reading",
    "tpos", "tneg", "rate", "batch", "crop", "seed",
)  # fmt: skip


def lay_out_form(starts: Sequence[str]) -> Form:
    """The controls inside the current ``gr.Blocks``, for checkpoints ``starts``."""
    first = RECIPES["edsr-l1-dec"].init
    value = first if first in starts else next(iter(starts), None)
    c: dict[str, Any] = {}
    with gr.Row():
        c["start"] = gr.Dropdown(list(starts), value=value, label="Start from", info=words.START, elem_id="ft-start")
        c["steps"] = _slider("steps", STEPS, SCHEDULE.steps, 1, "Steps", words.STEPS)
    with gr.Row():
        c["l1"] = _number("l1", LOSSES.l1_weight, "ω₁", words.L1)
        c["perceptual"] = _number("perceptual", LOSSES.perceptual_weight, "ω₂", words.PERCEPTUAL)
        c["dec"] = _number("dec", LOSSES.dec_weight, "ω₃", words.DEC)
    c["photos"] = gr.Radio([BUILT_IN, OWN], value=BUILT_IN, label="Train on", info=words.PHOTOS, elem_id="ft-photos")
    # The style sheet shows it where it is in use.
    files = PhotoFiles(
        file_count="multiple", file_types=["image"], label=f"Up to {MOST_PHOTOS} photos", height=140, elem_id="ft-files"
    )
    note = gr.Markdown(elem_id="ft-files-note", elem_classes="caption")
    with gr.Accordion("DECLoss: P, η, α, μ, temperatures", open=False, elem_id="ft-dec-more"):
        _lay_out_dec(c)
    with gr.Accordion("Training: learning rate, batch, crop, seed", open=False, elem_id="ft-training-more"):
        with gr.Row():
            c["rate"] = _number("rate", SCHEDULE.learning_rate, "Learning rate", words.LEARNING_RATE, 1e-5)
            c["seed"] = _number("seed", SCHEDULE.seed, "Seed", words.SEED, 1)
        with gr.Row():
            c["batch"] = _slider("batch", BATCHES, SCHEDULE.batch_size, 1, "Batch", words.BATCH)
            c["crop"] = _slider("crop", CROPS, SCHEDULE.crop, 8, "Crop", words.CROP)
    return Form({name: c[name] for name in NAMES}, files, note)


def _lay_out_dec(c: dict[str, Any]) -> None:
    with gr.Row():
        c["patch"] = gr.Radio(
            list(PATCH_SIZES), value=str(LOSSES.patch_size), label="P", info=words.PATCH_SIZE, elem_id="ft-patch"
        )
        c["by"] = gr.Radio(
            [("as a share", AS_SHARE), ("in dB", IN_DB)], value=AS_SHARE, label="Set η, the threshold", elem_id="ft-by"
        )
    with gr.Row():
        # The style sheet shows the one of these two that is in use.
        share = 100 * LOSSES.positive_share
        c["share"] = _slider("share", SHARES, share, 0.1, "Positive pairs, %", words.SHARE)
        c["eta"] = _slider("eta", ETAS, DEFAULT_ETA, 0.5, "η, dB", words.ETA)
        c["alpha"] = _slider("alpha", ALPHAS, LOSSES.alpha, 0.05, "α", words.ALPHA)
    with gr.Row():
        c["mu"] = _slider("mu", MUS, DEFAULT_MU, 0.01, "μ, share of the side", words.MU)
        c["reading"] = gr.Radio(
            [("outside, as printed", OUTSIDE), ("inside, as in SimCLR", INSIDE)],
            value=LOSSES.temperature,
            label="Where temperatures divide",
            info=words.READING,
            elem_id="ft-reading",
        )
    with gr.Row():
        c["tpos"] = _slider("tpos", TEMPERATURES, LOSSES.t_pos, 0.05, "t_pos", "Of the positives.")
        c["tneg"] = _slider("tneg", TEMPERATURES, LOSSES.t_neg, 0.05, "t_neg", "Of the negatives.")


def _slider(name: str, limits: tuple[float, float], value: float, step: float, label: str, info: str) -> gr.Slider:
    return gr.Slider(*limits, value=value, step=step, label=label, info=info, elem_id=f"ft-{name}", min_width=200)


def _number(name: str, value: float, label: str, info: str, step: float = 0.001) -> gr.Number:
    return gr.Number(value, label=label, info=info, step=step, elem_id=f"ft-{name}", min_width=100)
