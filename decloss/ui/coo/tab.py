"""The COO tab: where each network's mini-patches lie among HR mini-patches, on a map and in true distances (§3)."""

from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.coo import callbacks
from decloss.ui.coo.controls import CHECKPOINTS, MAP, PRESETS, VECTORS, Controls
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.pictures import picture
from decloss.ui.parts.tab import LIVE, LOOKS, PRIVATE, Networks, Shared, Tab
from decloss.ui.photo.panel import KEEP_SECONDS
from decloss.views.scene import Scene

INTRODUCTION = r"""
Several HR details shrink to the same LR, and the picture with the least error is then their mean, which is none of
them: the paper's *centre-oriented optimisation* (COO) problem. Here you see where each network's mini-patches land
among real ones (Fig. 2), and how far from them they are; ICOO sums it up in one number.

$$ \hat{y}^*(x) = \sum_{i=1}^{N} \sigma(x, y_i)\, y_i \quad (7) $$

$$ S = -10 \log_{10} \sum_{i=1}^{M} \frac{d(y_k, \hat{y}_i)}{\sum_{j \neq k} d(y_j, \hat{y}_i)} \quad (11) $$
"""
MAP_HINT = (
    "A t-SNE: each point is a mini-patch, joined to its ground truth; dashed lines lead to those that are nearest in "
    "truth. Point at one, tap it, or use the arrow keys (← → ground truths, ↑ ↓ what each network makes of them). "
    "*Look for:* networks trained with L1 in the middle, among mini-patches with little detail, and their ground "
    "truths far out; a network without the COO problem would stand at an HR point. With enhanced vectors colours "
    "hardly count, so the nearest may have another one. HR mini-patches overlap, and may form strings; t-SNE bends "
    "distances and invents clusters: try other seeds and perplexities, and trust the table."
)
TABLE_TITLE = "## The true distances\nOf the same ground truths, in the vectors themselves; means over all of them."
TABLE_HINT = (
    "Neighbours are HR mini-patches of the map, but neither the ground truth nor any that shares a pixel with it: "
    "otherwise the nearest would be the ground truth, moved by a little. HR itself is measured in the same way. ICOO "
    "is of the whole crop, on raw patches of 12 × 12 pixels at independent places, as in §5.2: there nearer to an HR "
    "patch counts against a network, since a blurred patch is near to many. Drawing other places moves its "
    "differences by about 0.1 dB."
)
MARKUP = (
    '<div class="coo-map"><div class="coo-plot"><canvas tabindex="0" role="img" aria-describedby="coo-card" '
    'aria-label="Map of mini-patches; arrow keys go through the ground truths and what the networks make of them">'
    '</canvas><div class="coo-empty"></div></div><div class="coo-legend"></div>'
    '<div class="coo-side"><canvas class="coo-where" role="img" aria-label="The crop with the ground truths framed">'
    '</canvas><div id="coo-card" class="coo-card" aria-live="polite"></div></div></div>'
)


def build_coo(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    gr.Markdown(INTRODUCTION)
    known = gr.State(None, time_to_live=KEEP_SECONDS)
    panel = Panel(Controls, "o", "coo", choices={"models": networks.names}, defaults={"models": networks.names[:4]})
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=280):
            panel.lay_out(CHECKPOINTS)
            with gr.Row():
                run = gr.Button("Embed", variant="primary", scale=3, min_width=120, elem_id="coo-run")
                stop = gr.Button("Stop", scale=1, min_width=80, elem_id="coo-stop")
            status = gr.Markdown(callbacks.ASK, elem_id="coo-status")
            presets = gr.Row(elem_id="coo-presets")
            panel.lay_out(VECTORS)
            with gr.Accordion("Map and neighbours", open=False):
                panel.lay_out(MAP)
        with gr.Column(scale=8, min_width=320):
            canvas = gr.HTML(
                None,
                html_template=MARKUP,
                js_on_load=(Path(__file__).parent / "map.js").read_text(encoding="utf-8"),
                elem_id="coo-canvas",
            )
            gr.Markdown(MAP_HINT, elem_classes="caption")
            with gr.Accordion("The map as a picture to keep", open=False):
                alt_text = "The map of mini-patches with its legend and settings"
                figure = picture(alt_text, buttons=("download", "fullscreen"), elem_id="coo-figure")
    gr.Markdown(TABLE_TITLE)
    table = gr.HTML(elem_id="coo-table")
    sentence = gr.Markdown(elem_id="coo-sentence")
    gr.Markdown(TABLE_HINT, elem_classes="caption")

    def refresh(scene: Scene | None, known: callbacks.Map | None, *sent: Any) -> Any:
        yield from callbacks.refresh(networks, scene, known, panel.read(sent))

    def run_embedding(scene: Scene | None, *sent: Any) -> Any:
        yield from callbacks.embed(networks, scene, panel.read(sent))

    inputs, outputs = [shared.scene, known, *panel.inputs], [canvas, status, table, sentence, figure]
    # All controls share one listener, since answers to different listeners may arrive in any order.
    gr.on(panel.changes(without=["perplexity"], by_hand=True), refresh, inputs, outputs, **LOOKS)
    with presets:
        for title, values in PRESETS.items():
            button = gr.Button(title, size="sm", min_width=110)
            chosen = list(values.values())
            button.click(
                lambda chosen=chosen: chosen if len(chosen) > 1 else chosen[0],
                None,
                [panel[name] for name in values],
                **LIVE,
            ).then(refresh, inputs, outputs, **LOOKS)
    running = run.click(
        run_embedding,
        [shared.scene, *panel.inputs],
        [status, known, figure],
        concurrency_id="embedding",
        show_progress="minimal",  # it shows the place in the queue while others are running
        show_progress_on=status,
        **PRIVATE,
    )
    running.success(refresh, inputs, outputs, **LOOKS)
    stop.click(None, cancels=[running])  # apart, since Gradio cancels last, and a share would follow "Stopped."
    stop.click(lambda: "Stopped.", None, status, **PRIVATE)
    return Tab(panel.fields, refresh, (known, *panel.inputs), tuple(outputs))
