"""The layout of the Contrast tab, in which every component stands beside what it changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.contrast import words
from decloss.ui.contrast.controls import CHOOSING, CUTTING, PLACING, TURNING, WEIGHING, Controls
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.script import DRAG, read_script
from decloss.views.contrast import MOST

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Parts:
    """The components of the tab other than its controls, from the top of the page."""

    note: gr.Markdown
    """The sentence that says why there is nothing to see."""
    everything: gr.Column
    """All that stands below the note, hidden while there is nothing to see."""
    presets: gr.Row
    """The row for the buttons of the presets, still empty."""
    pair: gr.HTML
    """Both pictures, with the mini-patches that are alike."""
    histogram: gr.HTML
    facts: gr.HTML
    row_maps: gr.HTML
    turns: tuple[tuple[gr.Button, float], ...]
    """The buttons that multiply alpha, each with its factor."""
    knob: gr.HTML
    loss_map: gr.HTML
    gradient: gr.HTML
    temperatures: gr.HTML


def lay_out(panel: Panel[Controls]) -> Parts:
    """Lay out the whole tab, with the controls of ``panel`` in their places."""
    gr.HTML(words.INTRODUCTION, elem_id="contrast-introduction")
    note = gr.Markdown(elem_classes="no-scene")
    with gr.Column(visible="hidden") as everything:
        first = _cutting(panel)
        with _section():
            with _side():
                gr.Markdown(words.MAPS)
            with _main():
                row_maps = _maps("contrast-row-maps")
        turning = _turning(panel)
        with _section():
            with _side():
                gr.Markdown(words.LOSS)
            with _main(), gr.Row(equal_height=False):
                loss_map = _maps("contrast-loss-map")
                gradient = _maps("contrast-gradient")
        temperatures = _weighing(panel)
    return Parts(note, everything, *first, row_maps, *turning, loss_map, gradient, temperatures)


def _cutting(panel: Panel[Controls]) -> tuple[gr.Row, gr.HTML, gr.HTML, gr.HTML]:
    with gr.Row(equal_height=False, elem_classes="contrast-section", elem_id="contrast-first"):
        with gr.Column(scale=3, min_width=280, elem_id="contrast-controls"):
            panel.lay_out(CUTTING)
            presets = gr.Row(elem_id="contrast-presets")
            panel.lay_out(CHOOSING)
            with gr.Accordion("Choose a mini-patch by numbers", open=False, elem_id="contrast-placing"):
                panel.lay_out(PLACING)
        with gr.Column(scale=8, min_width=320, elem_id="contrast-shown"):
            scripts = (HERE / name for name in ("pair.js", "histogram.js"))
            pair, histogram = (read_script(DRAG, path) for path in scripts)
            seen = gr.HTML(html_template=words.PAIR, js_on_load=pair, elem_id="contrast-pair")
            hill = gr.HTML(
                html_template='<div class="m-histogram"><canvas role="img" aria-label="Histogram of M"></canvas></div>',
                js_on_load=histogram,
                elem_id="contrast-histogram",
            )
            gr.Markdown(words.HISTOGRAM, elem_classes="caption")
            facts = gr.HTML(elem_id="contrast-facts")
            gr.Markdown(words.CHOOSING.format(most=MOST), elem_classes="caption")
            with gr.Accordion("Formula", open=False, elem_id="contrast-formula"):
                gr.Markdown(words.FORMULA)
    return presets, seen, hill, facts


def _turning(panel: Panel[Controls]) -> tuple[Any, gr.HTML]:
    with _section():
        with _side():
            gr.Markdown(words.KNOB_TITLE)
            panel.lay_out(TURNING)
            with gr.Row():
                turns = (
                    (gr.Button("α × 2, η − 12.04", size="sm", min_width=120, elem_id="contrast-double"), 2.0),
                    (gr.Button("α ÷ 2, η + 12.04", size="sm", min_width=120, elem_id="contrast-halve"), 0.5),
                )
        with _main():
            gr.Markdown(words.KNOB)
            knob = gr.HTML(elem_id="contrast-knob")
    return turns, knob


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
        return gr.HTML(js_on_load=read_script(HERE / "map.js"), elem_id=elem_id, elem_classes="contrast-maps")
