"""The COO tab: where each network's mini-patches lie among HR mini-patches, on a map and in true distances (§3)."""

import json
import time
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.files.images import decode_photo
from decloss.ui.coo import callbacks, words
from decloss.ui.coo.controls import CHECKPOINTS, MAP, PRESETS, VECTORS, Controls
from decloss.ui.parts.names import plain_name
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.tab import LIVE, LOOKS, NEW, PRIVATE, Networks, Shared, Tab
from decloss.views.maps import MapStore
from decloss.views.scene import Scene, cut_scene

FIRST = ("bicubic", "edsr-l1", "edsr-l1-dec", "edsr-l1-vgg-dec-ragan")
"""The checkpoints with whose map the tab opens, if they are there."""
FOLDER = "coo-maps"
"""The folder, in that of the app's data, of the map with which the tab opens."""
SCRIPTS = ("patches.js", "map.js")


def build_coo(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    gr.Markdown(words.INTRODUCTION)
    first = [name for name in networks.names if name in FIRST]
    panel = Panel(Controls, "o", "coo", choices={"models": networks.names}, defaults={"models": first})
    looked_at = gr.Textbox(visible=False)  # it changes whenever anything but a control by hand asks for the table
    maps = MapStore(shared.mine.finetunes.data / FOLDER)
    with gr.Row(equal_height=False, elem_id="coo-row"):
        with gr.Column(scale=3, min_width=280, elem_id="coo-choose"):
            with gr.Row(elem_id="coo-buttons"):
                run = gr.Button("Embed", variant="primary", scale=3, min_width=120, elem_id="coo-run")
                stop = gr.Button("Stop", scale=1, min_width=80, elem_id="coo-stop")
            status = gr.Markdown(words.ASK, elem_id="coo-status")
            presets = gr.Row(elem_id="coo-presets")
            panel.lay_out(VECTORS)
            panel.lay_out(CHECKPOINTS)
            panel["models"].choices = [(_titled(name), name) for name in networks.names]
            with gr.Accordion("Map and neighbours", open=False):
                panel.lay_out(MAP)
        with gr.Column(scale=8, min_width=320, elem_id="coo-seen"):
            canvas = gr.HTML(
                None,
                html_template=words.MARKUP,
                js_on_load="\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in SCRIPTS),
                elem_id="coo-canvas",
            )
            gr.Markdown(words.MAP_HINT, elem_classes="caption")
    gr.Markdown(words.TABLE_TITLE)
    table = gr.HTML(elem_id="coo-table")
    sentence = gr.Markdown(elem_id="coo-sentence")
    gr.Markdown(words.TABLE_HINT, elem_classes="caption")
    with gr.Accordion("Formula", open=False, elem_id="coo-formula"):
        gr.Markdown(words.FORMULA)

    def refresh(scene: Scene | None, *sent: Any) -> Any:
        yield from callbacks.refresh(networks, maps, scene, panel.read(sent))

    def run_embedding(scene: Scene | None, *sent: Any) -> Any:
        yield from callbacks.embed(networks, maps, scene, panel.read(sent))

    inputs, outputs = [shared.scene, *panel.inputs], [canvas, status, table, sentence]
    # Whatever asks for the table shares one listener, since answers to different listeners may arrive in any order.
    gr.on([*panel.changes(by_hand=True), looked_at.change], refresh, inputs, outputs, **LOOKS)
    with presets:
        for title, values in PRESETS.items():
            button = gr.Button(title, size="sm", min_width=110)
            set_values = f"() => {json.dumps(list(values.values()))}"
            pressed = button.click(None, None, [panel[name] for name in values], js=set_values, **LIVE)
            pressed.then(None, None, looked_at, js=NEW, **LIVE)
    running = run.click(
        run_embedding,
        inputs,
        [canvas, status],
        concurrency_id="embedding",
        show_progress="minimal",  # it shows the place in the queue while others are running
        show_progress_on=status,
        **PRIVATE,
    )
    running.success(None, None, looked_at, js=NEW, **LIVE)
    stop.click(None, cancels=[running])  # apart, since Gradio cancels last, and a share would follow "Stopped."
    stop.click(lambda: ({"stopped": True}, "Stopped."), None, [canvas, status], **PRIVATE)
    ahead = partial(_make_first_map, shared, networks.ahead(), maps, Controls(first))
    return Tab(panel.fields, lambda scene: uuid.uuid4().hex, outputs=(looked_at,), ahead=ahead)


def _make_first_map(shared: Shared, networks: Networks, maps: MapStore, chosen: Controls) -> None:
    """Make the map of the photo, place and controls with which the page opens."""
    if shared.photo.value is None:
        return
    pixels = decode_photo(Path(shared.photo.value["path"])).pixels
    scene = cut_scene(pixels, shared.x.value / 100, shared.y.value / 100)
    weights = callbacks.weights_of(networks, chosen.settings.names)
    maps.make(networks.load, scene, chosen.settings, chosen.perplexity, weights, time.perf_counter)
    for _ in callbacks.refresh(networks, maps, scene, chosen):  # what the page will show is kept, too
        pass


def _titled(name: str) -> str:
    """Return what visitors read for a checkpoint: its plain name first."""
    plain = plain_name(name)
    return plain if plain == name else f"{plain} ({name})"
