"""The Contrast tab: the mini-patches of a crop against each other. Here its layout is wired to its callbacks."""

import json
import uuid
from functools import partial
from typing import Any

import gradio as gr

from decloss.ui.contrast import callbacks
from decloss.ui.contrast.controls import AS_SHARE, ETA, IN_DB, PRESETS, SHARE, Controls, opens_with
from decloss.ui.contrast.layout import Parts, lay_out
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LIVE, LOOKS, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.views.contrast import ContrastView
from decloss.views.scene import Scene

MOVE_LINE = "(value) => {{ document.querySelector('#contrast-histogram .m-histogram')?.move('{}', value); return []; }}"
# When the visitor changes how eta is set, the other slider starts where the first has left the line.
TAKE_OVER = """(by, eta, share) => {{
  const line = document.querySelector("#contrast-histogram .m-histogram").dataset;
  const within = (value, low, high) => Math.min(Math.max(Math.round(10 * value) / 10, low), high);
  return by === "{by}" ? [within(line.eta, {eta}), share] : [eta, within(100 * line.share, {share})];
}}""".format(by=IN_DB, eta="{}, {}".format(*ETA.limits), share="{}, {}".format(*SHARE.limits))


def build_contrast(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    view = gr.State(None, time_to_live=KEEP_SECONDS)
    # The first changes when the tab is opened or the scene is another one, the second after every new view.
    looked_at, seen = gr.Textbox(visible=False), gr.Number(visible=False)
    panel = Panel(Controls, "c", "contrast", choices={"model": networks.names}, defaults=opens_with(networks))
    parts = lay_out(panel)

    def show(scene: Scene | None, *sent: Any) -> tuple[Any, ...]:
        return callbacks.show(networks, scene, panel.read(sent))

    def show_row(view: ContrastView | None, *sent: Any) -> tuple[Any, ...]:
        return callbacks.show_row(view, panel.read(sent))

    def show_view(view: ContrastView | None, *sent: Any) -> tuple[Any, ...]:
        return callbacks.show_view(view, panel.read(sent))

    place = [panel["row"], panel["column"]]
    of_row = [parts.pair, parts.facts, parts.row_maps, parts.loss_map]
    _wire_eta(view, panel, parts)  # first, since the browser serves listeners in order, and the line must not wait
    # Whatever asks for a view shares one listener, since answers to different listeners may arrive in any order.
    asked = [*panel.changes(without=["row", "column"]), looked_at.change]
    shown = gr.on(asked, show, [shared.scene, *panel.inputs], [view, parts.note, parts.everything, *place], **LIVE)
    # Not with the view: what listens to a part of an answer begins before the sliders have their values of it.
    shown.success(None, None, seen, js="() => Math.random()", **LIVE)
    by_hand = [event for slider in place for event in (slider.input, slider.release)]  # "release" for the reset button
    gr.on([*by_hand, seen.change], show_view, [view, *panel.inputs], [*of_row, parts.histogram], **LIVE)
    # After that, since these tables are slow, and the browser waits for each listener before it serves the next.
    seen.change(callbacks.show_slopes, view, [parts.gradient, parts.temperatures, parts.knob], **LOOKS)
    for clickable in (parts.pair, parts.row_maps, parts.loss_map):
        clickable.select(callbacks.clicked, view, [*place, *of_row], **LIVE)
    with parts.presets:
        for title, values in PRESETS.items():
            button = gr.Button(title, size="sm", min_width=120)
            set_values = f"() => {json.dumps(list(values.values()))}"
            pressed = button.click(None, None, [panel[name] for name in values], js=set_values, **LIVE)
            if "row" in values:
                pressed.then(show_row, [view, *panel.inputs], of_row, **LIVE)
    return Tab(panel.fields, lambda scene: uuid.uuid4().hex, outputs=(looked_at,))


def _wire_eta(view: gr.State, panel: Panel[Controls], parts: Parts) -> None:
    by, eta, share, alpha = panel["by"], panel["eta"], panel["share"], panel["alpha"]
    for name, slider in ((IN_DB, eta), (AS_SHARE, share), ("alpha", alpha)):
        slider.change(None, slider, None, js=MOVE_LINE.format(name), **LIVE)
    by.input(None, [by, eta, share], [eta, share], js=TAKE_OVER, **LIVE)
    for button, factor in parts.turns:
        turn = partial(callbacks.turn_knob, factor=factor)
        button.click(turn, [view, alpha], [by, alpha, eta], **LIVE)
