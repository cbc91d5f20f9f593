"""The Frequency tab: the mask of Eq. (12) to (17) under two sliders, and what it makes of HR and of SR."""

import uuid
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.dec import mu_from_fraction
from decloss.files.images import RGBArray
from decloss.ui.frequency import words
from decloss.ui.frequency.controls import FIRST, OPENS_WITH, PRESETS, SHAPE, Controls
from decloss.ui.frequency.pictures import energy, enhanced_pictures, mask_markup, pictures
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.script import DRAG, read_script
from decloss.ui.parts.tab import DAMAGED, LIVE, NO_SCENE, Networks, Shared, Tab
from decloss.views.enhancement import enhance_pair
from decloss.views.scene import SIDE, Scene
from decloss.zoo.checkpoint import CheckpointError

def build_frequency(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    side = gr.Number(SIDE, visible=False)
    opens = OPENS_WITH if OPENS_WITH in networks.names else networks.names[-1]
    panel = Panel(Controls, "f", "frequency", choices={"model": networks.names}, defaults={"model": opens})
    # The first changes when there is another scene, the second when the pictures of that scene are shown.
    looked_at, compared = gr.Textbox(visible=False), gr.Textbox(visible=False)
    gr.Markdown(words.INTRODUCTION, elem_id="frequency-introduction")
    with gr.Row(equal_height=False, elem_id="frequency"):
        with gr.Column(scale=3, min_width=280, elem_id="frequency-controls"):
            panel.lay_out(FIRST)
            with gr.Row(elem_id="frequency-presets"):
                presets = {gr.Button(title, size="sm", min_width=120): mu for title, mu in PRESETS.items()}
            panel.lay_out(SHAPE)
        with gr.Column(scale=8, min_width=320, elem_id="frequency-shown"):
            mask = gr.HTML(
                {"alpha": Controls.alpha, "share": Controls.mu, "side": SIDE},
                html_template=mask_markup(),
                js_on_load=read_script(DRAG, Path(__file__).parent / "mask.js"),
                elem_id="frequency-mask",
            )
            gr.HTML(words.MASK_HINT, elem_classes="caption", elem_id="frequency-hint")
            with gr.Accordion("Formula", open=False, elem_id="frequency-formula"):
                gr.Markdown(words.FORMULA)
            gr.Markdown(words.PICTURES_TITLE)
            with gr.Row(elem_id="frequency-pictures"):
                shown = gr.HTML()
                enhanced = gr.HTML()
            gr.Markdown(words.PICTURES_HINT, elem_classes="caption")
            gr.Markdown(words.ENERGY_TITLE)
            curves = gr.HTML(elem_id="frequency-energy")
            gr.Markdown(words.ENERGY_HINT, elem_classes="caption")

    def redraw_crops(scene: Scene | None, *sent: Any) -> tuple[str, str]:
        return show_pictures(networks, scene, panel.read(sent)), _new()

    def redraw_pictures(scene: Scene | None, *sent: Any) -> tuple[str, str]:
        return show_enhanced(networks, scene, panel.read(sent))

    for button, mu in presets.items():
        set_values = f"() => [{Controls.alpha}, {mu}]"
        button.click(None, None, [panel["alpha"], panel["mu"]], js=set_values, **LIVE)
    # The browser alone draws the mask: as a slider moves, mask.js does so without Gradio; all other changes come here.
    shape = [panel["alpha"], panel["mu"], side]
    redraw = "(alpha, share, side) => ({alpha, share, side})"
    gr.on([control.change for control in shape], None, shape, mask, js=redraw, **LIVE)
    # Each output has one listener for all its events, since answers to different listeners may arrive in any order.
    inputs = [shared.scene, *panel.inputs]
    asked = [looked_at.change, panel["model"].change]
    gr.on(asked, redraw_crops, inputs, [shown, compared], show_progress_on=side, **LIVE)
    asked = [*panel.changes(without=["model"]), compared.change]
    gr.on(asked, redraw_pictures, inputs, [enhanced, curves], show_progress_on=side, **LIVE)
    return Tab(
        fields=panel.fields,
        refresh=lambda scene: (SIDE if scene is None else scene.side, _new()),
        outputs=(side, looked_at),
    )


def _new() -> str:
    """Return a value that was not there before, so that the component that gets it counts as changed."""
    return uuid.uuid4().hex


def show_pictures(networks: Networks, scene: Scene | None, chosen: Controls) -> str:
    """Return HR and SR with their spectra as HTML, or a sentence that says why there are none."""
    if scene is None:
        return f'<p class="no-scene">{NO_SCENE}</p>'
    try:
        return pictures(scene.hr, scene.sr(chosen.model, networks.load), chosen.model)
    except CheckpointError:
        return f'<p class="no-scene">{DAMAGED}</p>'


def show_enhanced(networks: Networks, scene: Scene | None, chosen: Controls) -> tuple[str, str]:
    """Return both enhanced pictures and the curves of their energy as HTML; two empty texts without a picture."""
    if scene is None:
        return "", ""
    try:
        sr: RGBArray = scene.sr(chosen.model, networks.load)
    except CheckpointError:  # ``show_pictures`` says so to the visitor
        return "", ""
    found = enhance_pair(scene.hr, sr, chosen.alpha, mu_from_fraction(chosen.mu, scene.side))
    curves = energy(scene.hr, sr, found, chosen.model)
    return enhanced_pictures(found, chosen.alpha, chosen.mu, chosen.model), curves
