"""The form of a finetune: its controls, each declared once, and what their values mean for a job."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import gradio as gr

from decloss.dec import mu_from_fraction
from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.jobs.photos import MOST_PHOTOS
from decloss.jobs.settings import BATCHES, CROPS, LEARNING_RATES, STEPS, JobSettings
from decloss.pixels import SCALE
from decloss.training.config import RECIPES
from decloss.ui.finetune import words
from decloss.ui.finetune.presets import FIRST_WEIGHTS, preset_buttons
from decloss.ui.parts.controls import Choice, Dropdown, Number, Slider
from decloss.ui.parts.panel import Panel
from decloss.ui.photo.component import PhotoFiles

AS_SHARE, IN_DB = "share", "dB"
BUILT_IN, OWN = "the built-in photos", "my photos"
WEIGHTS = (0.0, 1000.0, 0.001)
TEMPERATURES = (0.05, 8.0, 0.05)
JOB = JobSettings("")
"""The default settings of the training."""
TERMS = replace(RECIPES["edsr-l1-dec"].losses, trunk="vgg16")
"""The default settings of the loss; the shipped checkpoints were trained with the trunk VGG-16."""


@dataclass(frozen=True)
class Controls:
    """The values that the page and the API send, in the API's order; each section is a row of the form."""

    start: Annotated[
        str,
        Dropdown("Start from", info=words.START, name="The start", section="start"),
        "the checkpoint to start from.",
    ]
    train_on: Annotated[
        str,
        Choice("Train on", (BUILT_IN, OWN), info=words.PHOTOS, name="The photos", key="photos", section="photos"),
        f'"{BUILT_IN}" or "{OWN}".',
    ] = BUILT_IN
    steps: Annotated[
        int,
        Slider("Steps", *STEPS, 1, info=words.STEPS, name="The number of steps", section="start", whole=True),
        "in all, {range}.",
    ] = JOB.steps
    l1_weight: Annotated[
        float,
        Number("ω₁ · pixels", *WEIGHTS, info=words.L1, name="ω₁", key="l1", section="weights"),
        "of the pixels, Eq. 24.",
    ] = TERMS.l1_weight
    perceptual_weight: Annotated[
        float,
        Number("ω₂ · VGG", *WEIGHTS, info=words.PERCEPTUAL, name="ω₂", key="perceptual", section="weights"),
        "of VGG-16's features, Eq. 25.",
    ] = TERMS.perceptual_weight
    dec_weight: Annotated[
        float,
        Number("ω₃ · DECLoss", *WEIGHTS, info=words.DEC, name="ω₃", key="dec", section="weights"),
        "of DECLoss, Eq. 23.",
    ] = TERMS.dec_weight
    patch_size: Annotated[
        str,
        Choice("P, side of a mini-patch", ("2", "4", "8", "16", "32"), info=words.PATCH_SIZE, name="P", key="patch",
               section="patch"),
        "P, pixels a side of a mini-patch: 2, 4, 8, 16 or 32.",
    ] = str(TERMS.patch_size)  # fmt: skip
    eta_by: Annotated[
        str,
        Choice("Set η, the threshold", (AS_SHARE, IN_DB), titles=("as a share", "in dB"), name="The way to set η",
               key="by", section="patch"),
        'whether the threshold is set as a "share" of positive pairs or in "dB".',
    ] = AS_SHARE  # fmt: skip
    # The style sheet shows the one of the next two controls that is in use.
    positive_share: Annotated[
        float,
        Slider("Positive pairs, %", 0.1, 50.0, 0.1, info=words.SHARE, name="The share of positive pairs", key="share",
               section="threshold"),
        "of all pairs, per cent, {range}.",
    ] = 100 * TERMS.positive_share  # fmt: skip
    eta: Annotated[
        float,
        Slider("η, dB", -20.0, 80.0, 0.5, info=words.ETA, name="η", section="threshold"),
        "the threshold of M in dB, {range}.",
    ] = 20.0
    alpha: Annotated[
        float,
        Slider("α", 0.25, 4.0, 0.05, info=words.ALPHA, section="threshold"),
        "height of the mask's Gaussians, {range}.",
    ] = TERMS.alpha
    mu_share: Annotated[
        float,
        Slider("μ, share of the side", 0.1, 1.0, 0.01, info=words.MU, name="μ", key="mu", section="mask"),
        "their width as a share of the HR crop's side, {range}.",
    ] = 0.25
    temperature: Annotated[
        str,
        Choice("Where temperatures divide", (OUTSIDE, INSIDE), titles=("outside, as printed", "inside, as in SimCLR"),
               info=words.READING, name="The reading of the temperatures", key="reading", section="mask"),
        'where temperatures divide, "outside" (as printed) or "inside" the exponents.',
    ] = TERMS.temperature  # fmt: skip
    t_pos: Annotated[
        float,
        Slider("t_pos", *TEMPERATURES, info=words.T_POS, key="tpos", section="temperatures"),
        "temperature of the positives, {range}.",
    ] = TERMS.t_pos
    t_neg: Annotated[
        float,
        Slider("t_neg", *TEMPERATURES, info=words.T_NEG, key="tneg", section="temperatures"),
        "temperature of the negatives, {range}.",
    ] = TERMS.t_neg
    learning_rate: Annotated[
        float,
        Number("Learning rate", *LEARNING_RATES, 1e-5, info=words.LEARNING_RATE, name="The learning rate", key="rate",
               section="training"),
        "of Adam, 1e-6 to 1e-3.",
    ] = JOB.learning_rate  # fmt: skip
    batch: Annotated[
        int,
        Slider("Batch", *BATCHES, 1, info=words.BATCH, name="The batch", section="crops", whole=True),
        "crops a step, {range}.",
    ] = JOB.batch_size
    crop: Annotated[
        int,
        Slider("Crop", *CROPS, 8, info=words.CROP, name="The crop", section="crops", whole=True),
        "side of the LR crop in pixels, {range}.",
    ] = JOB.crop
    seed: Annotated[
        int,
        Number("Seed", 0, 9999, 1, info=words.SEED, name="The seed", section="training", whole=True),
        "draws the crops.",
    ] = JOB.seed

    @property
    def settings(self) -> JobSettings:
        """These values as the settings of a job; a ``gr.Error`` is raised if they make no sense together."""
        by_share = self.eta_by == AS_SHARE
        try:
            losses = replace(
                TERMS,
                l1_weight=self.l1_weight,
                perceptual_weight=self.perceptual_weight,
                dec_weight=self.dec_weight,
                alpha=self.alpha,
                mu=mu_from_fraction(self.mu_share, SCALE * self.crop),
                eta=TERMS.eta if by_share else self.eta,
                positive_share=self.positive_share / 100 if by_share else 0.0,
                t_pos=self.t_pos,
                t_neg=self.t_neg,
                temperature=self.temperature,  # type: ignore[arg-type]  # one of the two
                patch_size=int(self.patch_size),
            )
            schedule = (self.learning_rate, self.steps, self.batch, self.crop)
            return JobSettings(self.start, losses, *schedule, own_photos=self.train_on == OWN, seed=self.seed)
        except ValueError as error:
            raise gr.Error(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


class Form:
    """The form, laid out inside the current ``gr.Blocks``; the checkpoints to start from are ``starts``."""

    def __init__(self, starts: Sequence[str]) -> None:
        usual = RECIPES["edsr-l1-dec"].init
        first = usual if usual in starts else next(iter(starts), None)
        self.panel = panel = Panel(
            Controls, "ft", "ft", choices={"start": starts}, defaults={"start": first, **FIRST_WEIGHTS}
        )
        self.preset = preset_buttons()
        _lay_out_rows(panel, start=200)
        panel.lay_out("photos")
        # The style sheet shows the box for files only while own photos are chosen.
        self.files = PhotoFiles(
            file_count="multiple",
            file_types=["image", ".avif", ".heic", ".heif"],  # not every system knows that these are images
            label=f"Up to {MOST_PHOTOS} photos",
            height=140,
            elem_id="ft-files",
        )
        self.note = gr.Markdown(elem_id="ft-files-note", elem_classes="caption")  # it tells what was read of the files
        with gr.Accordion("Advanced", open=False, elem_id="ft-advanced"):
            gr.Markdown("## Weights of the loss", elem_classes="minor")
            _lay_out_rows(panel, weights=100)
            gr.Markdown("## DECLoss", elem_classes="minor")
            _lay_out_rows(panel, patch=160, threshold=200, mask=200, temperatures=200)
            gr.Markdown("## Training", elem_classes="minor")
            _lay_out_rows(panel, training=100, crops=200)
        with gr.Accordion("Formula", open=False, elem_id="ft-formula"):
            gr.Markdown(words.EQUATIONS, elem_classes="equations")


def _lay_out_rows(panel: Panel[Controls], **least_widths: int) -> None:
    """Lay out a row for each section; its controls are at least so many pixels wide."""
    for section, min_width in least_widths.items():
        with gr.Row():
            panel.lay_out(section, min_width=min_width)
