"""The three buttons that set the weights of the loss, each of which adds a term to the one before it."""

import json
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from decloss.training.config import RECIPES
from decloss.ui.finetune import words

_LOSSES = RECIPES["edsr-l1-vgg-dec"].losses
"""The weights that docs/experiments.md chose: beside VGG ω₁ = 10 holds the colours, and ω₃ is a tenth of ω₁."""
Weights = tuple[float, float, float]
"""ω₁, ω₂ and ω₃ of Eq. (26)."""


@dataclass(frozen=True)
class Preset:
    """One of the buttons."""

    title: str
    about: str
    weights: Weights


PRESETS: dict[str, Preset] = {
    "pixel": Preset("pixel loss", words.PIXEL, (_LOSSES.l1_weight, 0.0, 0.0)),
    "dec": Preset("+ DECLoss", words.PLUS_DEC, (_LOSSES.l1_weight, 0.0, _LOSSES.dec_weight)),
    "vgg-dec": Preset(
        "+ VGG + DECLoss", words.PLUS_VGG, (_LOSSES.l1_weight, _LOSSES.perceptual_weight, _LOSSES.dec_weight)
    ),
}
"""The buttons by name. Adam does not see a loss's scale, so that only the weights' ratios matter."""
FIRST = "dec"
"""The button that is chosen when the page opens."""
FIRST_WEIGHTS = dict(zip(("l1_weight", "perceptual_weight", "dec_weight"), PRESETS[FIRST].weights, strict=True))
"""The weights in the form when the page opens; they have the ratio of the API's defaults, which are older."""


def preset_buttons() -> gr.HTML:
    """Build the buttons inside the current ``gr.Blocks``; the value is the name of the chosen preset."""
    buttons = "".join(
        f'<button type="button" data-preset="{name}" aria-pressed="{str(name == FIRST).lower()}">'
        f"<b>{preset.title}</b><span>{preset.about}</span></button>"
        for name, preset in PRESETS.items()
    )
    return gr.HTML(
        FIRST,
        html_template=f'<div class="ft-presets" role="group" aria-label="The loss">{buttons}</div>'
        f'<p class="ft-own-weights caption" hidden>{words.OWN_WEIGHTS}</p>',
        js_on_load=(Path(__file__).parent / "presets.js").read_text(encoding="utf-8"),
        elem_id="ft-preset",
    )


_BY_NAME = json.dumps({name: preset.weights for name, preset in PRESETS.items()})
TO_WEIGHTS = f"(name) => ({_BY_NAME})[name]"
"""A script that gives a preset's weights by its name."""
TO_PRESET = (
    f"(...weights) => Object.entries({_BY_NAME})"
    '.find(([, own]) => own.every((weight, index) => weight === weights[index]))?.[0] ?? ""'
)
"""A script that gives the name of the preset with these weights; an empty text if there is none."""
