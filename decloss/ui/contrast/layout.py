"""The layout of the Contrast tab, in which every component stands beside what it changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.contrast import words
from decloss.ui.contrast.controls import CHOOSING, CUTTING, WEIGHING, Controls
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.pictures import picture
from decloss.views.contrast import MOST


@dataclass(frozen=True)
class Parts:
    """The components of the tab other than its controls, from the top of the page."""

    note: gr.Markdown
    """The sentence that says why there is nothing to see."""
    everything: gr.Column
    """All that stands below the note, hidden while there is nothing to see."""
    presets: gr.Row
    """The row for the buttons of the presets, still empty."""
    hr: gr.Image
    sr: gr.Image
    facts: gr.HTML
    row_maps: gr.HTML
    turns: tuple[tuple[gr.Button, float], ...]
    """The buttons that multiply alpha, each with its factor."""
    histogram: gr.HTML
    knob: gr.HTML
    loss_map: gr.HTML
    gradient: gr.HTML
    temperatures: gr.HTML


def lay_out(panel: Panel[Controls]) -> Parts:
    """Lay out the whole tab, with the controls of ``panel`` in their places."""
    gr.Markdown(words.INTRODUCTION)
    gr.Markdown(words.EQUATIONS, elem_classes="equations")
    note = gr.Markdown(elem_classes="no-scene")
    with gr.Column(visible="hidden") as everything:
        choosing = _choosing(panel)
        with _section():
            with _side():
                gr.Markdown(words.MAPS)
            with _main():
                row_maps = _maps("contrast-row-maps")
        cutting = _cutting(panel)
        with _section():
            with _side():
                gr.Markdown(words.LOSS)
            with _main(), gr.Row(equal_height=False):
                loss_map = _maps("contrast-loss-map")
                gradient = _maps("contrast-gradient")
        temperatures = _weighing(panel)
    return Parts(note, everything, *choosing, row_maps, *cutting, loss_map, gradient, temperatures)


def _choosing(panel: Panel[Controls]) -> tuple[gr.Row, gr.Image, gr.Image, gr.HTML]:
    with _section():
        with _side():
            panel.lay_out(CHOOSING)
            presets = gr.Row(elem_id="contrast-presets")
        with _main():
            with gr.Row(equal_height=False):
                hr = _image("HR", "contrast-hr", words.ALT_HR)
                sr = _image("SR", "contrast-sr", words.ALT_SR)
            gr.HTML(words.LEGEND)
            facts = gr.HTML(elem_id="contrast-facts")
            gr.Markdown(words.CHOOSING.format(most=MOST), elem_classes="caption")
    return presets, hr, sr, facts


def _cutting(panel: Panel[Controls]) -> tuple[Any, gr.HTML, gr.HTML]:
    with _section():
        with _side():
            gr.Markdown(words.CUTTING)
            panel.lay_out(CUTTING)
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
    return turns, histogram, knob


def _weighing(panel: Panel[Controls]) -> gr.HTML:
    with _section():
        with _side():
            gr.Markdown(words.TEMPERATURES)
            panel.lay_out(WEIGHING)
        with _main():
            table = gr.HTML(elem_id="contrast-temperatures")
            gr.Markdown(words.TEMPERATURES_HINT, elem_classes="caption")
    return table


def _section() -> gr.Row:
    return gr.Row(equal_height=False, elem_classes="contrast-section")


def _side() -> gr.Column:
    return gr.Column(scale=3, min_width=280)


def _main() -> gr.Column:
    return gr.Column(scale=8, min_width=320)


def _maps(elem_id: str) -> gr.HTML:
    with gr.Column(min_width=240):
        return gr.HTML(js_on_load=_script("map.js"), elem_id=elem_id, elem_classes="contrast-maps")


def _image(title: str, elem_id: str, alt_text: str) -> gr.Image:
    with gr.Column(min_width=260, elem_classes="contrast-picture"):
        gr.Markdown(f"**{title}**")  # the image's own label would cover mini-patches, as would its buttons
        return picture(alt_text, buttons=(), elem_id=elem_id)


def _script(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
