"""What Contrast looks like: every component of the tab, each beside what it changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.ui.contrast import callbacks, words
from decloss.views.contrast import MOST, PRINTED, ContrastSettings

DEFAULT = ContrastSettings()
DEFAULT_PLACE = (9, 6)
"""Row and column, from 1."""
DEFAULT_ETA = 20.0
"""dB, of the slider that is not in use at first."""


@dataclass(frozen=True)
class Choosing:
    """The first section: what is compared, and the mini-patch that is looked at."""

    model: gr.Dropdown
    patch_size: gr.Slider
    mu: gr.Slider
    row: gr.Slider
    column: gr.Slider
    presets: gr.Row
    """Still empty."""
    hr: gr.Image
    sr: gr.Image
    facts: gr.HTML


@dataclass(frozen=True)
class Cutting:
    """The section of eta, and of alpha, which is the same knob."""

    by: gr.Radio
    share: gr.Slider
    eta: gr.Slider
    alpha: gr.Slider
    turns: tuple[tuple[gr.Button, float], ...]
    """Buttons, and what they multiply alpha by."""
    histogram: gr.HTML
    knob: gr.HTML


@dataclass(frozen=True)
class Weighing:
    """The section of the temperatures."""

    reading: gr.Radio
    t_pos: gr.Slider
    t_neg: gr.Slider
    table: gr.HTML


@dataclass(frozen=True)
class Parts:
    """All of the tab."""

    note: gr.Markdown
    """Why there is nothing to see."""
    everything: gr.Column
    """Hidden while there is nothing to see."""
    choosing: Choosing
    row_maps: gr.HTML
    cutting: Cutting
    loss_map: gr.HTML
    gradient: gr.HTML
    weighing: Weighing

    @property
    def settings(self) -> tuple[Any, ...]:
        """The controls in the order of ``contrast_callbacks.read_settings``."""
        a, b, c = self.choosing, self.cutting, self.weighing
        return a.patch_size, a.mu, b.alpha, b.by, b.eta, b.share, c.t_pos, c.t_neg, c.reading

    @property
    def presets(self) -> dict[str, dict[Any, Any]]:
        """The values that each sets, by component."""
        a, b, c = self.choosing, self.cutting, self.weighing
        printed = {c.reading: OUTSIDE, c.t_pos: PRINTED[0], c.t_neg: PRINTED[1]}
        share = {b.by: callbacks.AS_SHARE, b.share: 100 * DEFAULT.share}
        return {
            "DC suppressed": {a.mu: 0.16},
            "all positive": {b.by: callbacks.IN_DB, b.eta: callbacks.ETA[0]},
            "printed temperatures": printed,
            "inside": {**printed, c.reading: INSIDE},
            "defaults": {
                **{a.patch_size: DEFAULT.patch_size, a.mu: DEFAULT.mu_share, b.alpha: DEFAULT.alpha},
                **share,
                **printed,
            },
        }


def lay_out(names: list[str]) -> Parts:
    """Everything, for the checkpoints ``names``."""
    gr.Markdown(words.INTRODUCTION)
    gr.Markdown(words.EQUATIONS, elem_classes="equations")
    note = gr.Markdown(elem_classes="no-scene")
    with gr.Column(visible="hidden") as everything:
        choosing = _choosing(names)
        with _section():
            with _side():
                gr.Markdown(words.MAPS)
            with _main():
                row_maps = _maps("contrast-row-maps")
        cutting = _cutting()
        with _section():
            with _side():
                gr.Markdown(words.LOSS)
            with _main(), gr.Row(equal_height=False):
                loss_map = _maps("contrast-loss-map")
                gradient = _maps("contrast-gradient")
        weighing = _weighing()
    return Parts(note, everything, choosing, row_maps, cutting, loss_map, gradient, weighing)


def _choosing(names: list[str]) -> Choosing:
    with _section():
        with _side():
            model = gr.Dropdown(names, value=names[-1], label="SR from", elem_id="contrast-model")
            patch_size = _slider("p", callbacks.PATCH_SIZES, DEFAULT.patch_size, 1, "P", words.PATCH_SIZE)
            mu = _slider("mu", callbacks.MU, DEFAULT.mu_share, 0.01, "μ, share of the side", words.MU)
            row = _slider("row", (1, MOST), DEFAULT_PLACE[0], 1, "Row of the mini-patch", "From the top.")
            column = _slider("column", (1, MOST), DEFAULT_PLACE[1], 1, "Column", "From the left.")
            presets = gr.Row(elem_id="contrast-presets")
        with _main():
            with gr.Row(equal_height=False):
                hr = _image("HR", "contrast-hr", words.ALT_HR)
                sr = _image("SR", "contrast-sr", words.ALT_SR)
            gr.HTML(words.LEGEND)
            facts = gr.HTML(elem_id="contrast-facts")
            gr.Markdown(words.CHOOSING.format(most=MOST), elem_classes="caption")
    return Choosing(model, patch_size, mu, row, column, presets, hr, sr, facts)


def _cutting() -> Cutting:
    with _section():
        with _side():
            gr.Markdown(words.CUTTING)
            by = gr.Radio(
                [("as a share", callbacks.AS_SHARE), ("in dB", callbacks.IN_DB)],
                value=callbacks.AS_SHARE,
                label="Set η, the threshold",
                elem_id="contrast-by",
            )
            # The style sheet shows the one of these two that is in use.
            share = _slider(
                "share", callbacks.SHARE, 100 * DEFAULT.share, 0.1, "Positive pairs, %", "η is found from it."
            )
            eta = _slider("eta", callbacks.ETA, DEFAULT_ETA, 0.1, "η, dB", "Lower makes more pairs positive.")
            alpha = _slider("alpha", callbacks.ALPHA, DEFAULT.alpha, 0.05, "α", "Moves M by −40 log₁₀ α dB.")
            with gr.Row():
                turns = (
                    (gr.Button("α × 2, η − 12.04", size="sm", min_width=120, elem_id="contrast-double"), 2.0),
                    (gr.Button("α ÷ 2, η + 12.04", size="sm", min_width=120, elem_id="contrast-halve"), 0.5),
                )
        with _main():
            histogram = gr.HTML(
                html_template='<div class="m-histogram"><canvas role="img"></canvas></div>',
                js_on_load=_script("histogram.js"),
                elem_id="contrast-histogram",
            )
            gr.Markdown(words.KNOB)
            knob = gr.HTML(elem_id="contrast-knob")
    return Cutting(by, share, eta, alpha, turns, histogram, knob)


def _weighing() -> Weighing:
    with _section():
        with _side():
            gr.Markdown(words.TEMPERATURES)
            reading = gr.Radio(
                [("outside, as printed", OUTSIDE), ("inside, as in SimCLR", INSIDE)],
                value=DEFAULT.temperature,
                label="Where they divide",
                info="The sums, or the exponents.",
                elem_id="contrast-reading",
            )
            t_pos = _slider("tpos", callbacks.TEMPERATURE, PRINTED[0], 0.01, "t_pos", "Of the positives.")
            t_neg = _slider("tneg", callbacks.TEMPERATURE, PRINTED[1], 0.01, "t_neg", "Of the negatives.")
        with _main():
            table = gr.HTML(elem_id="contrast-temperatures")
            gr.Markdown(words.TEMPERATURES_HINT, elem_classes="caption")
    return Weighing(reading, t_pos, t_neg, table)


def _section() -> gr.Row:
    return gr.Row(equal_height=False, elem_classes="contrast-section")


def _side() -> gr.Column:
    return gr.Column(scale=3, min_width=280)


def _main() -> gr.Column:
    return gr.Column(scale=8, min_width=320)


def _slider(name: str, limits: tuple[float, float], value: float, step: float, label: str, info: str) -> gr.Slider:
    return gr.Slider(*limits, value=value, step=step, label=label, info=info, elem_id=f"contrast-{name}")


def _maps(elem_id: str) -> gr.HTML:
    with gr.Column(min_width=240):
        return gr.HTML(js_on_load=_script("map.js"), elem_id=elem_id, elem_classes="contrast-maps")


def _image(title: str, elem_id: str, alt_text: str) -> gr.Image:
    with gr.Column(min_width=260, elem_classes="contrast-picture"):
        gr.Markdown(f"**{title}**")  # above: label and buttons of an image cover mini-patches
        return gr.Image(
            show_label=False, format="png", interactive=False, buttons=[], elem_id=elem_id, alt_text=alt_text
        )


def _script(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
