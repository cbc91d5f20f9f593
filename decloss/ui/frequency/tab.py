"""The Frequency tab: the mask of Eq. (12) to (17) under two sliders, and what it makes of HR and of SR."""

import uuid
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.dec import mu_from_fraction
from decloss.files.images import RGBArray
from decloss.ui.frequency.controls import PRESETS, SHAPE, Controls
from decloss.ui.frequency.pictures import energy, enhanced_pictures, mask_markup, pictures
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.script import DRAG, read_script
from decloss.ui.parts.tab import DAMAGED, LIVE, NO_SCENE, Networks, Shared, Tab
from decloss.views.enhancement import enhance_pair
from decloss.views.scene import SIDE, Scene
from decloss.zoo.checkpoint import CheckpointError

INTRODUCTION = r"""
Before it compares anything, DECLoss turns down the low frequencies of SR and of HR: their Fourier transforms are
multiplied by one mask (Eq. 12–17). Two numbers shape it, and the paper gives neither a value: move them.

$$ Y^* = F^{-1}\!\left[\left(K^{H}\right)^{T} K^{W} \cdot F[Y]\right] $$

$$ K^{N}_i = \alpha\, e^{-\left(i-\frac{N-1}{2}\right)^2 /\, 2\mu^2} $$
"""
MASK_TITLE = "## The mask\nK<sup>H</sup> down its side times K<sup>W</sup> along its top (Eq. 14 and 15)."
MASK_HINT = (
    "The dot is DC, dashed is what LR holds. Point at a frequency, or use the arrow keys. *Look for:* the printed mask "
    "is bright in the middle, where an unshifted transform has its *highest* frequencies; with DC moved to the centre "
    "it is the Gaussian turned upside down. And the axes: a detail that is purely horizontal keeps the small weight "
    "that DC has in the vertical."
)
PICTURES_TITLE = "## What it does to the pictures\nThe loss sees only the enhanced ones."
PICTURES_HINT = (
    "Spectra: logarithm of the magnitude, one scale for both, DC in the centre, mean removed and under a Hann window. "
    "Enhanced: mid-grey is zero, and the values are multiplied as written below them, the same for both; the factor is "
    "the one at which 99 % of HR’s values would fit for α = 1, so that you see what α does. *Look for:* texture that "
    "HR has and SR lacks, easier to see here than in the photo; and for brightness that comes back as μ grows."
)
ENERGY_TITLE = "## Energy by frequency\nMean power around DC, before (thin) and after (thick)."
ENERGY_HINT = (
    "Of the transform as the loss takes it: no window, so that the jump from each edge of the crop to the opposite one "
    "counts. *Look for:* left of the dashed line SR follows HR; right of it SR falls below: details that the input "
    "does not tell. Enhancement gives that part more of the say, but to both alike: the gap stays."
)


def build_frequency(shared: Shared, networks: Networks) -> Tab:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    gr.Markdown(INTRODUCTION, elem_id="frequency")
    side = gr.Number(SIDE, visible=False)
    panel = Panel(Controls, "f", "frequency", choices={"model": networks.names}, defaults={"model": networks.names[-1]})
    # The first changes when there is another scene, the second when the pictures of that scene are shown.
    looked_at, compared = gr.Textbox(visible=False), gr.Textbox(visible=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=280, elem_id="frequency-controls"):
            panel.lay_out(SHAPE)
            with gr.Row(elem_id="frequency-presets"):
                for title, mu in PRESETS.items():
                    button = gr.Button(title, size="sm", min_width=120)
                    set_values = f"() => [{Controls.alpha}, {mu}]"
                    button.click(None, None, [panel["alpha"], panel["mu"]], js=set_values, **LIVE)
            panel.lay_out("")
        with gr.Column(scale=8, min_width=320):
            gr.Markdown(MASK_TITLE)
            mask = gr.HTML(
                {"alpha": Controls.alpha, "share": Controls.mu, "side": SIDE},
                html_template=mask_markup(),
                js_on_load=read_script(DRAG, Path(__file__).parent / "mask.js"),
                elem_id="frequency-mask",
            )
            gr.Markdown(MASK_HINT, elem_classes="caption")
            gr.Markdown(PICTURES_TITLE)
            with gr.Row(elem_id="frequency-pictures"):
                shown = gr.HTML()
                enhanced = gr.HTML()
            gr.Markdown(PICTURES_HINT, elem_classes="caption")
            gr.Markdown(ENERGY_TITLE)
            curves = gr.HTML(elem_id="frequency-energy")
            gr.Markdown(ENERGY_HINT, elem_classes="caption")

    def redraw_crops(scene: Scene | None, *sent: Any) -> tuple[str, str]:
        return show_pictures(networks, scene, panel.read(sent)), _new()

    def redraw_pictures(scene: Scene | None, *sent: Any) -> tuple[str, str]:
        return show_enhanced(networks, scene, panel.read(sent))

    # The browser alone draws the mask, as a slider moves.
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
