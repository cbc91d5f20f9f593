"""The COO playground tab: the paper's Fig. 1 as an experiment that trains in the page."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LIVE, PRIVATE, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.ui.playground import callbacks, words
from decloss.ui.playground.callbacks import ToyRun
from decloss.ui.playground.controls import DETAILS, FIRST_STEPS, LOSS, PRESETS, TRAINING, Controls

HOLD = """(...sent) => {
  const stage = document.querySelector("#toy-stage .toy-stage");
  sent[1] = stage && stage.hold ? stage.hold() : -1;
  return sent;
}"""
"""Stops what moves in the page before the server is asked, and tells it which step was seen: the second input."""


def build_playground(shared: Shared, networks: Networks) -> Tab:  # noqa: ARG001 - every tab is built alike
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    panel = Panel(Controls, "t", "toy", defaults={"steps": FIRST_STEPS})
    gr.Markdown(words.FINDING, elem_id="toy-finding")
    with gr.Row(equal_height=False, elem_id="toy-row"):
        with gr.Column(scale=2, min_width=260, elem_id="toy-choose"):
            with gr.Row(elem_id="toy-buttons"):
                buttons = {name: _button(name) for name in ("Play", "Pause", "Step", "Reset")}
            waiting = gr.Markdown("", elem_id="toy-waiting")
            with gr.Row(elem_id="toy-presets"):
                presets = {name: gr.Button(name, size="sm", min_width=110) for name in PRESETS}
            panel.lay_out(LOSS)
        with gr.Column(scale=7, min_width=320, elem_id="toy-seen"):
            stage = gr.HTML(
                None,
                html_template=words.STAGE,
                js_on_load=(Path(__file__).parent / "stage.js").read_text(encoding="utf-8"),
                elem_id="toy-stage",
            )
    gr.Markdown(words.HINT, elem_classes="caption")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            gr.Markdown("## Training\nA change here goes on from where the run is.", elem_classes="minor")
            panel.lay_out(TRAINING)
        with gr.Column(min_width=300):
            gr.Markdown("## The details\nA change here starts anew.", elem_classes="minor")
            panel.lay_out(DETAILS)
    gr.Markdown(words.WHY)
    with gr.Accordion("Formula", open=False, elem_id="toy-formula"):
        gr.Markdown(words.FORMULA)
    toy_run, seen = gr.State(None, time_to_live=KEEP_SECONDS), gr.Number(-1, visible=False)
    inputs, outputs = [toy_run, seen, *panel.inputs], [toy_run, stage]
    _wire(panel, inputs, outputs, presets, buttons, waiting)
    return Tab(
        fields=panel.fields,
        refresh=lambda scene, toy_run, *sent: callbacks.pause_if_new(toy_run, panel.read(sent)),
        inputs=(toy_run, *panel.inputs),
        outputs=tuple(outputs),
    )


def _wire(
    panel: Panel[Controls],
    inputs: list[Any],
    outputs: list[Any],
    presets: dict[str, gr.Button],
    buttons: dict[str, gr.Button],
    waiting: gr.Markdown,
) -> None:
    def play(toy_run: ToyRun | None, seen: Any, *sent: Any) -> Iterator[tuple[Any, ...]]:
        yield from callbacks.play(toy_run, seen, panel.read(sent))

    def reading(act: Callable[[ToyRun | None, Any, Controls], Any]) -> Callable[..., Any]:
        return lambda toy_run, seen, *sent: act(toy_run, seen, panel.read(sent))

    # "cancels" may come late. So whatever is pressed takes the turn, and the training that had it ends by itself.
    training: dict[str, Any] = {
        **PRIVATE,
        "trigger_mode": "multiple",
        "concurrency_id": "toy",
        "show_progress": "minimal",  # it shows the place in the queue while others are training
        "show_progress_on": waiting,
    }
    held = {**LIVE, "js": HOLD}
    buttons["Play"].click(play, inputs, outputs, js=HOLD, **training)
    buttons["Step"].click(reading(callbacks.one_step), inputs, outputs, js=HOLD, **training)
    for name, act in (("Pause", callbacks.pause), ("Reset", callbacks.reset)):
        buttons[name].click(reading(act), inputs, outputs, **held)
    for name, button in presets.items():
        preset = partial(callbacks.play_preset, panel, PRESETS[name])
        button.click(preset, inputs[0], [*panel.inputs, *outputs], **training)
    # Only changes by hand count: links and presets set several controls at once, and show the run by themselves.
    changed = reading(callbacks.pause_if_changed)
    modes = panel["modes"].input(callbacks.equal_share, panel["modes"], panel["first_mode"], **LIVE)
    modes.then(changed, inputs, outputs, **held)
    gr.on(panel.changes(without=("modes",), by_hand=True), changed, inputs, outputs, **held)


def _button(name: str) -> gr.Button:
    variant = "primary" if name == "Play" else "secondary"
    return gr.Button(name, variant=variant, min_width=60, elem_id=f"toy-{name.lower()}")
