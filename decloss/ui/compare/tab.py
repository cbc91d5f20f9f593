"""The Compare tab: one photo, several checkpoints, side by side. Here its layout is wired to its callbacks."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from decloss.ui.compare import callbacks
from decloss.ui.compare.below import choose_pair, wire_below
from decloss.ui.compare.controls import WITH_ORIGINAL, Controls, read_region, side_for
from decloss.ui.compare.inputs import Inputs
from decloss.ui.compare.outputs import Outputs
from decloss.ui.parts.address import SEPARATOR, Field
from decloss.ui.parts.controls import checked
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import LIVE, PRIVATE, Networks, Shared, Tab
from decloss.ui.parts.visitor import NAME, Finished
from decloss.ui.photo.panel import KEEP_SECONDS


def build_compare(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    comparison = gr.State(None, time_to_live=KEEP_SECONDS)
    given = {"mode": WITH_ORIGINAL, "checkpoints": networks.names}
    panel = Panel(Controls, "", "", choices={"checkpoints": networks.names}, defaults=given)
    panel.components |= {"x": shared.x, "y": shared.y}
    inputs = Inputs(panel)
    outputs = Outputs(panel)
    # Only a change by hand sets the size, since a link that sets the mode sets the size as well.
    panel["mode"].input(side_for, panel["mode"], panel["side"], **LIVE)
    _wire_run(shared, networks, comparison, panel, inputs, outputs)
    shown = gr.State([])
    shared.mine.news.change(
        lambda *values: _with_mine(networks, *values),
        [shared.mine.finished, panel["checkpoints"], shown],
        [panel["checkpoints"], shown],
        **LIVE,
    )
    ticked = Field("models", panel["checkpoints"], lambda text: _read_models(networks, text))
    return Tab(fields=(ticked, *panel.fields, *outputs.maps_panel.fields))


def _read_models(networks: Networks, text: str) -> Any:
    """Tick the checkpoints that ``text`` names; a visitor's own are looked up right after, and believed until then."""
    ticked = text.split(SEPARATOR)
    own = sorted({name for name in ticked if NAME.fullmatch(name)} - set(networks.names))
    found = [name for name in (*networks.names, *own) if name in ticked]
    if not found:
        raise ValueError(f"{text!r} names none of the choices")
    return gr.CheckboxGroup([*networks.names, *own], value=found)


def _with_mine(networks: Networks, finished: Finished, ticked: Any, shown: list[str]) -> Any:
    """Return the checkboxes with the visitor's own finetunes, and the names of these; ticks stay where they can."""
    own = list(finished or {})
    names = [*networks.names, *own]
    gone = not set(ticked or ()) <= set(names)
    if own == shown and not gone:  # nothing is sent, since the visitor may be ticking boxes at this moment
        return gr.skip(), gr.skip()
    kept = {"value": [name for name in names if name in ticked]} if gone else {}
    return gr.CheckboxGroup(names, **kept), own


def _region(panel: Panel[Controls]) -> list[Any]:
    return [panel["region_x"], panel["region_y"], panel["region_side"]]


def _wire_run(
    shared: Shared, networks: Networks, comparison: gr.State, panel: Panel[Controls], inputs: Inputs, outputs: Outputs
) -> None:
    def known(finished: Finished) -> Networks:
        return networks.with_mine(shared.mine.checkpoints(finished))

    @with_parameters(Controls)
    def compare(photo: Any, sent: Mapping[str, Any], finished: Finished = None) -> Any:
        """Upscale a photo four times with several checkpoints, and measure each result if the photo is the original.

        Args:
            photo: an image file.
            {controls}

        Returns:
            Every picture, the scores as HTML, a status, the scores as JSON, the map and the enlarged regions.
        """
        names = known(finished)
        controls = checked(Controls, {"checkpoints": names.names}, **sent)
        yield from callbacks.run_comparison(names, photo, controls)

    filled = outputs.filled(inputs.status)
    running = inputs.run.click(
        compare,
        [shared.photo, *panel.inputs, shared.mine.finished],
        [comparison, *filled],
        api_name="compare",
        concurrency_id="networks",
        show_progress="minimal",  # it shows the place in the queue while others are running
        show_progress_on=inputs.status,
    )
    inputs.stop.click(None, cancels=[running])  # apart, since Gradio cancels last, and one more share would follow
    stopped = inputs.stop.click(
        lambda found, *region: callbacks.show_stopped(found, read_region(*region)),
        [comparison, *_region(panel)],
        filled,
        show_progress="hidden",
        **PRIVATE,
    )
    then = [running.success, stopped.then]
    for each in then:
        each(choose_pair, comparison, [outputs.first, outputs.second], **LIVE)
    wire_below(shared, networks, comparison, panel, outputs, after=then, pair=(outputs.first, outputs.second))
