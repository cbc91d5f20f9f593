"""The Compare tab: one photo, several checkpoints, side by side. Here its layout is wired to its callbacks."""

from typing import Any

import gradio as gr

from decloss.ui.compare import callbacks, closer_look
from decloss.ui.compare.layout import Inputs, Outputs, hints, lay_out_inputs, lay_out_outputs
from decloss.ui.compare.session import Session
from decloss.ui.parts.address import SEPARATOR, Field, choice, number
from decloss.ui.parts.tab import LIVE, LOOKS, PRIVATE, Networks, Shared, Tab
from decloss.ui.parts.visitor import NAME
from decloss.ui.photo.panel import KEEP_SECONDS


def build_compare(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    session = gr.State(None, time_to_live=KEEP_SECONDS)
    inputs = lay_out_inputs(networks.names)
    outputs = lay_out_outputs()
    # By hand only: a link that sets the mode sets the size as well.
    inputs.mode.input(callbacks.side_for, inputs.mode, inputs.side, **LIVE)
    _wire_run(shared, networks, session, inputs, outputs)
    _wire_closer_look(session, outputs)
    shown = gr.State([])
    shared.mine.news.change(
        lambda *values: _with_mine(networks, *values),
        [shared.mine.finished, inputs.checkpoints, shown],
        [inputs.checkpoints, shown],
        **LIVE,
    )
    return Tab(
        fields=(
            Field("mode", inputs.mode, choice((callbacks.WITH_ORIGINAL, callbacks.WITHOUT_ORIGINAL))),
            Field("models", inputs.checkpoints, lambda text: _read_models(networks, text)),
            Field("fit", inputs.fit, choice((callbacks.CROP, callbacks.WHOLE))),
            Field("side", inputs.side, number(*callbacks.SIDES, 64)),
            *(
                Field(f"look{i}", control, number(control.minimum, control.maximum))
                for i, control in enumerate(outputs.region)
            ),
        )
    )


def _read_models(networks: Networks, text: str) -> Any:
    """Reads the ticked checkpoints. A visitor's own are believed until they are looked up, right after."""
    ticked = text.split(SEPARATOR)
    own = sorted({name for name in ticked if NAME.fullmatch(name)} - set(networks.names))
    found = [name for name in (*networks.names, *own) if name in ticked]
    if not found:
        raise ValueError(f"{text!r} names none of the choices")
    return gr.CheckboxGroup([*networks.names, *own], value=found)


def _with_mine(networks: Networks, finished: dict[str, str] | None, ticked: Any, shown: list[str]) -> Any:
    """The checkpoints to tick, now that the visitor's own are known, and these; what is ticked stays so if it can."""
    own = list(finished or {})
    names = [*networks.names, *own]
    gone = not set(ticked or ()) <= set(names)
    if own == shown and not gone:  # a visitor may be ticking at this moment
        return gr.skip(), gr.skip()
    kept = {"value": [name for name in names if name in ticked]} if gone else {}
    return gr.CheckboxGroup(names, **kept), own


def _wire_run(shared: Shared, networks: Networks, session: gr.State, inputs: Inputs, outputs: Outputs) -> None:

    def compare(
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
        finished: dict[str, str] | None,
    ) -> Any:
        """Upscale a photo four times with several checkpoints, and measure each result if the photo is the original.

        Args:
            photo: an image file.
            mode: whether it is the original, to be shrunk and compared with, or the input itself.
            checkpoints: which networks.
            fit: what becomes of a photo that is larger than side.
            side: the longest side of the results in pixels, 256 to 2048, a multiple of 4.
            x: the middle of the piece that is taken, per cent from the left.
            y: the same, per cent from the top.
            region_x: the middle of the region that is enlarged, per cent from the left.
            region_y: the same, per cent from the top.
            region_side: of that region, in pixels.

        Returns:
            Every picture, the scores as HTML, a status, the scores as JSON, the map and the enlarged regions.
        """
        region = (region_x, region_y, region_side)
        known = networks.with_mine(shared.mine.checkpoints(finished))
        yield from callbacks.run_comparison(known, photo, mode, checkpoints, fit, side, x, y, region)

    def make_files(session: Session | None, finished: dict[str, str] | None) -> Any:
        return callbacks.make_files(networks.with_mine(shared.mine.checkpoints(finished)), session)

    running = inputs.run.click(
        compare,
        [
            shared.photo,
            inputs.mode,
            inputs.checkpoints,
            inputs.fit,
            inputs.side,
            shared.x,
            shared.y,
            *outputs.region,
            shared.mine.finished,
        ],
        [session, outputs.gallery, outputs.table, inputs.status, outputs.scores, outputs.picker, outputs.crops],
        api_name="compare",
        concurrency_id="networks",
        show_progress="minimal",  # the place in the queue, when others are running
        show_progress_on=inputs.status,
    )
    shown = [outputs.gallery, outputs.table, inputs.status, outputs.scores, outputs.picker, outputs.crops]
    inputs.stop.click(None, cancels=[running])  # by itself: Gradio cancels last, and one more share would follow
    stopped = inputs.stop.click(
        callbacks.show_stopped, [session, *outputs.region], shown, show_progress="hidden", **PRIVATE
    )
    inputs.status.change(show_outputs, session, [outputs.everything, outputs.shape, *outputs.hints], **LIVE)
    # What takes longer appears below what is there, part by part, and moves nothing.
    pair, spectra, files = outputs.later
    for then in (running.success, stopped.then):
        then(closer_look.choose_pair, session, [outputs.first, outputs.second], **LIVE).then(
            closer_look.show_pair, [session, outputs.first, outputs.second], _pair(outputs), **LOOKS
        ).then(appear, session, pair, **LIVE).then(
            closer_look.show_spectra, session, [outputs.spectra, outputs.power], **LOOKS
        ).then(appear, session, spectra, **LIVE).then(
            make_files, [session, shared.mine.finished], outputs.files, **LOOKS
        ).then(appear, session, files, **LIVE)


def show_outputs(session: Session | None) -> tuple[Any, ...]:
    """The lower part of the page once there is something to see, with hints that fit it."""
    if session is None:
        return gr.Column(visible=False), *(gr.skip(),) * 4
    height, width = session.task.lr.shape[:2]
    # Pictures keep their room while they load, and the map before there is one.
    pictures = "#results img, #spectra img, #picker .image-container, #picker .empty"
    shape = (
        f"<style>{pictures} {{ aspect-ratio: {width} / {height}; }} "
        "#picker .empty { min-height: 0; height: auto; }</style>"
    )
    return gr.Column(visible=True), shape, *hints(with_reference=session.task.hr is not None)


def appear(session: Session | None) -> Any:
    """A part of the page once there is something in it."""
    return gr.Column(visible=session is not None)


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
    gr.on(chosen, closer_look.show_pair, [session, outputs.first, outputs.second], _pair(outputs), **LOOKS)


def _pair(outputs: Outputs) -> list[Any]:
    return [outputs.slider, outputs.difference, outputs.pair_note]
