"""The Compare tab: one photo, several checkpoints, side by side. Here its layout is wired to its callbacks."""

from typing import Any

import gradio as gr

from decloss.ui import closer_look
from decloss.ui import compare_callbacks as callbacks
from decloss.ui.compare_layout import Inputs, Outputs, hints, lay_out_inputs, lay_out_outputs
from decloss.ui.session import Session
from decloss.zoo import Zoo

# Seconds a visitor's pictures are kept in memory.
KEEP_SECONDS = 3600

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
# For sliders: without "always_last" Gradio drops the value at which the slider comes to rest.
LIVE: dict[str, Any] = {**PRIVATE, "trigger_mode": "always_last", "show_progress": "hidden"}


def build_compare(zoo: Zoo) -> None:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    session = gr.State(None, time_to_live=KEEP_SECONDS)
    inputs = lay_out_inputs(callbacks.checkpoint_names(zoo))
    outputs = lay_out_outputs()
    _wire_photo(inputs)
    _wire_run(zoo, session, inputs, outputs)
    _wire_closer_look(session, outputs)


def _wire_photo(inputs: Inputs) -> None:
    shown = gr.State("")
    # Not .input: after a paste it can come before the new photo does.
    checked = [inputs.photo, inputs.photo_note, shown]
    inputs.photo.change(callbacks.check_photo, [inputs.photo, shown], checked, **LIVE)
    inputs.mode.change(callbacks.side_for, inputs.mode, inputs.side, **LIVE)
    clicked = [inputs.x, inputs.y, inputs.photo_note]
    inputs.photo.select(callbacks.clicked_photo, inputs.photo, clicked, **PRIVATE)


def _wire_run(zoo: Zoo, session: gr.State, inputs: Inputs, outputs: Outputs) -> None:
    load = callbacks.network_loader(zoo)

    def run_comparison(
        photo: Any,
        mode: str,
        checkpoints: Any,
        fit: str,
        side: float,
        x: float,
        y: float,
        region_x: float,
        region_y: float,
        region_side: float,
    ) -> Any:
        region = (region_x, region_y, region_side)
        yield from callbacks.run_comparison(zoo, load, photo, mode, checkpoints, fit, side, x, y, region)

    running = inputs.run.click(
        run_comparison,
        [
            inputs.photo,
            inputs.mode,
            inputs.checkpoints,
            inputs.fit,
            inputs.side,
            inputs.x,
            inputs.y,
            *outputs.region,
        ],
        [session, outputs.gallery, outputs.table, inputs.status, outputs.scores, outputs.picker, outputs.crops],
        api_name="compare",
        concurrency_limit=1,
        concurrency_id="networks",
        show_progress="minimal",  # the place in the queue, when others are running
        show_progress_on=inputs.status,
    )
    stopped = inputs.stop.click(lambda: "Stopped.", None, inputs.status, cancels=[running], **PRIVATE)
    inputs.status.change(show_outputs, session, [outputs.everything, *outputs.hints], **LIVE)
    for then in (running.success, stopped.then):
        then(closer_look.choose_pair, session, [outputs.first, outputs.second], **LIVE).then(
            closer_look.show_pair, [session, outputs.first, outputs.second], _pair(outputs), **LIVE
        ).then(closer_look.show_spectra, session, [outputs.spectra, outputs.power], **LIVE).then(
            lambda session: callbacks.make_files(zoo, session), session, outputs.files, **LIVE
        )


def show_outputs(session: Session | None) -> tuple[Any, ...]:
    """The lower part of the page once there is something to see, with hints that fit it."""
    if session is None:
        return gr.Column(visible=False), gr.skip(), gr.skip(), gr.skip()
    return gr.Column(visible=True), *hints(with_reference=session.task.hr is not None)


def _wire_closer_look(session: gr.State, outputs: Outputs) -> None:
    region_x, region_y, region_side = outputs.region

    def move_region(session: Session | None, side: float, event: gr.SelectData) -> tuple[Any, ...]:
        x, y = closer_look.clicked_place(session, event.index)
        return (x, y, *closer_look.show_region(session, x, y, side))

    shown = [outputs.picker, outputs.crops]
    outputs.picker.select(move_region, [session, region_side], [region_x, region_y, *shown], **LIVE)
    # One listener for all sliders, not one each: answers to different listeners may arrive in any order.
    moved = [control.input for control in outputs.region]
    gr.on(moved, closer_look.show_region, [session, *outputs.region], shown, **LIVE)
    chosen = [outputs.first.input, outputs.second.input]
    gr.on(chosen, closer_look.show_pair, [session, outputs.first, outputs.second], _pair(outputs), **LIVE)


def _pair(outputs: Outputs) -> list[Any]:
    return [outputs.slider, outputs.difference, outputs.pair_note]
