"""What fills the lower part of Compare from the one comparison."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from decloss.ui.compare import callbacks, closer_look
from decloss.ui.compare.comparison import Comparison
from decloss.ui.compare.controls import Controls, read_region
from decloss.ui.compare.outputs import Outputs, hints
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LIVE, LOOKS, Networks, Shared
from decloss.ui.parts.visitor import Finished


def wire_lower(
    shared: Shared,
    networks: Networks,
    comparison: gr.State,
    panel: Panel[Controls],
    outputs: Outputs,
    *,
    after: Sequence[Any],
    pair: Sequence[Any],
) -> None:
    """Fill the lower part after each of the events ``after``, and when ``pair`` names other pictures."""

    def make_files(found: Comparison | None, finished: Finished) -> Any:
        return callbacks.make_files(networks.with_mine(shared.mine.checkpoints(finished)), found)

    def show_pair(found: Comparison | None, left: Any, right: Any) -> Any:
        return closer_look.show_pair(found, *(found.pair(left, right) if found is not None else ("", "")))

    two, spectra, files = outputs.later
    chosen = [comparison, *pair]
    for then in after:
        then(show_outputs, comparison, [outputs.everything, outputs.shape, *outputs.hints], **LIVE).then(
            show_pair, chosen, outputs.pair, **LOOKS
        ).then(appear, comparison, two, **LIVE).then(
            closer_look.show_spectra, comparison, [outputs.spectra, outputs.power], **LOOKS
        ).then(appear, comparison, spectra, **LIVE).then(
            make_files, [comparison, shared.mine.finished], outputs.files, **LOOKS
        ).then(appear, comparison, files, **LIVE)
    gr.on([each.change for each in pair], show_pair, chosen, outputs.pair, **LOOKS)
    sliders = [panel["region_x"], panel["region_y"], panel["region_side"]]

    def move_region(found: Comparison | None, side: Any, event: gr.SelectData) -> tuple[Any, ...]:
        x, y = closer_look.clicked_place(found, event.index)
        return (x, y, *closer_look.show_region(found, read_region(x, y, side)))

    def show_region(found: Comparison | None, x: Any, y: Any, side: Any) -> tuple[Any, ...]:
        return closer_look.show_region(found, read_region(x, y, side))

    shown = [outputs.picker, outputs.crops]
    outputs.picker.select(move_region, [comparison, sliders[-1]], [*sliders[:-1], *shown], **LIVE)
    # All sliders share one listener, since answers to different listeners may arrive in any order.
    gr.on([slider.input for slider in sliders], show_region, [comparison, *sliders], shown, **LIVE)


def show_outputs(found: Comparison | None) -> tuple[Any, ...]:
    """Return the updates that show the lower part of the page, with hints that fit; it is hidden without results."""
    if found is None:
        return gr.Column(visible=False), *(gr.skip(),) * 4
    height, width = found.task.lr.shape[:2]
    pictures = "#results img, #spectra img, #picker .image-container, #picker .empty"
    shape = f"<style>{pictures} {{ aspect-ratio: {width} / {height}; }} #picker .empty {{ min-height: 0; }}</style>"
    return gr.Column(visible=True), shape, *hints(with_reference=found.task.hr is not None)


def appear(found: Comparison | None) -> Any:
    """Return the update that shows a part of the page once there is a comparison to fill it."""
    return gr.Column(visible=found is not None)
