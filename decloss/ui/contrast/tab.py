"""The Contrast tab: the mini-patches of a crop against each other, Eq. (18) to (23). Here its layout is wired."""

import json
from functools import partial
from typing import Any

import gradio as gr

from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.ui.contrast import callbacks
from decloss.ui.contrast.layout import Cutting, Parts, lay_out
from decloss.ui.parts.address import Field, choice, number
from decloss.ui.parts.tab import LIVE, LOOKS, PRIVATE, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.views.contrast import MOST
from decloss.views.scene import Scene

MOVE_LINE = "(value) => {{ document.querySelector('#contrast-histogram .m-histogram')?.move('{}', value); return []; }}"
# After the way to set eta was changed by hand: the one slider starts where the line, which the other moved, stands.
TAKE_OVER = """(by, eta, share) => {{
  const line = document.querySelector("#contrast-histogram .m-histogram").dataset;
  const within = (value, low, high) => Math.min(Math.max(Math.round(10 * value) / 10, low), high);
  return by === "{by}" ? [within(line.eta, {eta}), share] : [eta, within(100 * line.share, {share})];
}}""".format(by=callbacks.IN_DB, eta="{}, {}".format(*callbacks.ETA), share="{}, {}".format(*callbacks.SHARE))
KEYS = ("p", "mu", "alpha", "by", "eta", "share", "tpos", "tneg", "reading")
"""In the address, in the order of ``Parts.settings``."""


def build_contrast(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    view = gr.State(None, time_to_live=KEEP_SECONDS)
    seen = gr.Number(visible=False)  # changes with the view
    parts = lay_out(networks.names)
    choosing, cutting, weighing = parts.choosing, parts.cutting, parts.weighing

    def show(scene: Scene | None, *values: Any) -> tuple[Any, ...]:
        return callbacks.show(networks, scene, *values)

    place = [choosing.row, choosing.column]
    of_row = [choosing.hr, choosing.sr, choosing.facts, parts.row_maps, parts.loss_map]
    inputs = (choosing.model, *place, *parts.settings)
    outputs = (view, seen, parts.note, parts.everything, *of_row, cutting.histogram, *place)
    _wire_eta(view, cutting)  # first: the browser serves listeners in their order, and the line must not wait
    # One listener for all: answers to different listeners may arrive in any order.
    changed = [control.change for control in (choosing.model, *parts.settings)]
    gr.on(changed, show, [shared.scene, *inputs], list(outputs), **LIVE)
    seen.change(callbacks.show_slopes, view, [parts.gradient, weighing.table, cutting.knob], **LOOKS)
    gr.on([control.change for control in place], callbacks.show_row, [view, *place], of_row, **LIVE)
    for picture in (choosing.hr, choosing.sr):
        picture.select(callbacks.clicked_picture, view, place, **LIVE)
    for maps in (parts.row_maps, parts.loss_map):
        maps.select(callbacks.clicked_map, view, place, **LIVE)
    with choosing.presets:
        for title, values in parts.presets.items():
            button = gr.Button(title, size="sm", min_width=120)
            button.click(None, None, list(values), js=f"() => {json.dumps(list(values.values()))}", **LIVE)
    return Tab(_fields(networks, parts), show, inputs, outputs)


def _wire_eta(view: gr.State, cutting: Cutting) -> None:
    by, eta, share = cutting.by, cutting.eta, cutting.share
    for name, slider in ((callbacks.IN_DB, eta), (callbacks.AS_SHARE, share)):
        slider.change(None, slider, None, js=MOVE_LINE.format(name), **LIVE)
    by.input(None, [by, eta, share], [eta, share], js=TAKE_OVER, **LIVE)
    for button, factor in cutting.turns:
        turn = partial(callbacks.turn_knob, factor=factor)
        button.click(turn, view, [by, cutting.alpha, eta], **PRIVATE)


def _fields(networks: Networks, parts: Parts) -> tuple[Field, ...]:
    readers = (
        number(*callbacks.PATCH_SIZES, 1),
        number(*callbacks.MU, 0.01),
        number(*callbacks.ALPHA),  # off the slider's steps after its buttons
        choice((callbacks.AS_SHARE, callbacks.IN_DB)),
        number(*callbacks.ETA),
        number(*callbacks.SHARE, 0.1),
        number(*callbacks.TEMPERATURE, 0.01),
        number(*callbacks.TEMPERATURE, 0.01),
        choice((OUTSIDE, INSIDE)),
    )
    settings = zip(KEYS, parts.settings, readers, strict=True)
    return (
        Field("c.model", parts.choosing.model, choice(networks.names)),
        *(Field(f"c.{key}", control, read) for key, control, read in settings),
        Field("c.row", parts.choosing.row, number(1, MOST, 1)),
        Field("c.col", parts.choosing.column, number(1, MOST, 1)),
    )
