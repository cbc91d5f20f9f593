"""The COO playground tab: the paper's Fig. 1 as an experiment that trains in the page."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gradio as gr

from decloss.ui.parts.panel import Panel
from decloss.ui.parts.pictures import gallery_of, picture
from decloss.ui.parts.tab import LIVE, PRIVATE, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.ui.playground import callbacks, words
from decloss.ui.playground.callbacks import ToyRun
from decloss.ui.playground.controls import PRESETS, Controls


def build_playground(shared: Shared, networks: Networks) -> Tab:  # noqa: ARG001 - every tab is built alike
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    panel = Panel(Controls, "t", "toy")
    gr.Markdown(words.INTRODUCTION)
    with gr.Row(elem_id="toy-presets"):
        presets = {name: gr.Button(name, size="sm", min_width=150) for name in PRESETS}
    with gr.Row():
        buttons = {name: _button(name) for name in ("Play", "Pause", "Step", "Reset")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            for section in ("loss", "patch", "threshold", "training"):
                panel.lay_out(section)
            gr.Markdown("### The details\nA change here starts anew.")
            for section in ("modes", "details"):
                panel.lay_out(section)
        with gr.Column(scale=5, min_width=320, elem_id="toy-seen"):
            drawn = _lay_out_drawn()
    gr.Markdown(words.WHY)
    toy_run = gr.State(None, time_to_live=KEEP_SECONDS)
    inputs, outputs = (toy_run, *panel.inputs), (toy_run, *drawn)
    _wire(panel, list(inputs), list(outputs), presets, buttons)
    return Tab(
        fields=panel.fields,
        refresh=lambda scene, toy_run, *sent: callbacks.pause_if_new(toy_run, panel.read(sent)),
        inputs=inputs,
        outputs=outputs,
    )


def _wire(
    panel: Panel[Controls],
    inputs: list[Any],
    outputs: list[Any],
    presets: dict[str, gr.Button],
    buttons: dict[str, gr.Button],
) -> None:
    def play(toy_run: ToyRun | None, *sent: Any) -> Iterator[tuple[Any, ...]]:
        yield from callbacks.play(toy_run, panel.read(sent))

    def reading(act: Callable[[ToyRun | None, Controls], Any]) -> Callable[..., Any]:
        return lambda toy_run, *sent: act(toy_run, panel.read(sent))

    # "cancels" may come late. So whatever is pressed takes the turn, and the training that had it ends by itself.
    training: dict[str, Any] = {
        **PRIVATE,
        "trigger_mode": "multiple",
        "show_progress": "hidden",
        "concurrency_id": "toy",
    }
    buttons["Play"].click(play, inputs, outputs, **training)
    for name, act in (("Pause", callbacks.pause), ("Step", callbacks.one_step), ("Reset", callbacks.reset)):
        buttons[name].click(reading(act), inputs, outputs, **LIVE)
    for name, button in presets.items():
        preset = partial(callbacks.play_preset, panel, PRESETS[name])
        button.click(preset, inputs[0], [*panel.inputs, *outputs], **training)
    # Only changes by hand count: links and presets set several controls at once, and show the run by themselves.
    changed = reading(callbacks.pause_if_changed)
    modes = panel["modes"].input(callbacks.equal_share, panel["modes"], panel["first_mode"], **LIVE)
    modes.then(changed, inputs, outputs, **LIVE)
    gr.on(panel.changes(without=("modes",), by_hand=True), changed, inputs, outputs, **LIVE)


def _lay_out_drawn() -> tuple[Any, ...]:
    """Lay out the components that ``draw_run`` fills, and return them."""
    modes = gallery_of("The details that share one LR", "toy-details", buttons=("fullscreen",))
    with gr.Row(equal_height=False):
        output = _picture("output", "What the network makes of the LR image now", "Output")
        mean = _picture("mean", "The weighted mean of the modes", "Mean")
        median = _picture("median", "The weighted median of the modes, pixel by pixel", "Median")
    gr.Markdown(words.PICTURES_HINT, elem_classes="caption")
    with gr.Row(equal_height=False):
        plane = _picture("plane", "The plane of the modes with the way of the output", min_width=290)
        curves = _picture("curves", "Distances, loss and ICOO over the steps", min_width=290)
    numbers = gr.Markdown(elem_id="toy-numbers")
    gr.Markdown(words.PLANE_HINT, elem_classes="caption")
    gr.Markdown(words.CURVES_HINT, elem_classes="caption")
    return modes, output, mean, median, plane, curves, numbers


def _picture(name: str, alt_text: str, label: str | None = None, min_width: int = 80) -> gr.Image:
    more: dict[str, Any] = {"elem_id": f"toy-{name}", "elem_classes": "toy-picture", "min_width": min_width}
    return picture(alt_text, label, buttons=(), **more)


def _button(name: str) -> gr.Button:
    variant = "primary" if name == "Play" else "secondary"
    return gr.Button(name, variant=variant, min_width=60, elem_id=f"toy-{name.lower()}")
