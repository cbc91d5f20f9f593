"""The lower part of the Compare tab, below the viewer: its components and the words around them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from decloss.ui.compare.controls import Controls
from decloss.ui.compare.maps import MapControls
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.script import read_script

HERE = Path(__file__).parent
TABLE_HINT = (
    "Best in red, second best in blue, as in the paper. PSNR (in dB) and SSIM compare pixel by pixel, on luma with 4 "
    "pixels cut from each side; LPIPS 0.1 compares what a network trained on photos (AlexNet) sees, on RGB. "
    "*Look for:* a network trained with a pixel loss alone wins PSNR; that need not be the picture you would choose."
)
CLOSER = (
    "## Look closely\nOne window, the same in every picture, each pixel a square. It follows the frame in the photo. "
    "*Look for:* lines that the pixel loss leaves soft where the original is sharp, and patterns that were never there."
)
WINDOWS = (
    '<p class="windows-words" aria-live="polite"></p>'
    '<div class="windows" role="group" tabindex="0" aria-label="The window in every picture"></div>'
)


class Outputs:
    """The lower part of the tab, which is not seen until there is something to see."""

    def __init__(self, panel: Panel[Controls]) -> None:
        self.maps_panel = Panel(MapControls, "map", "map")
        with gr.Column(elem_id="below"):  # the style sheet hides it while its table is empty
            gr.Markdown("## True to each pixel, or alike to the eye?")
            self.tradeoff = gr.HTML(js_on_load=read_script(HERE / "tradeoff.js"), elem_id="tradeoff")
            self.table = gr.HTML(js_on_load=read_script(HERE / "tradeoff.js"), elem_id="scores")
            gr.Markdown(TABLE_HINT, elem_classes="caption")

            gr.Markdown(CLOSER)
            with gr.Row(elem_id="closer-controls", equal_height=True):
                # The frame in the photo is the place; these two are the API's.
                for name in ("region_x", "region_y"):
                    panel.components[name] = panel.controls[name].component(panel.defaults[name], visible=False)
                side = replace(panel.controls["region_side"], label="Size of the window, pixels a side")
                panel.components["region_side"] = side.component(panel.defaults["region_side"], elem_id="region-side")
                self.most = gr.Button("Where do they differ most?", elem_id="most-different", size="sm")
            look = read_script(HERE / "closer_look.js")
            self.windows = gr.HTML(None, html_template=WINDOWS, js_on_load=look, elem_id="windows")

            gr.Markdown("## Where do they err?")
            with gr.Row(elem_id="map-controls"):
                self.maps_panel.lay_out()
            self.maps = gr.HTML(elem_id="maps")

            gr.Markdown("## How much detail, how fine?\nThe power of each picture at each frequency.")
            self.spectra = gr.HTML(elem_id="spectra")

            gr.Markdown("## Take it with you")
            self.files = gr.HTML(elem_id="files")
        # What the API returns and the page does not show.
        self.scores = gr.JSON(visible=False)
        self.gallery = gr.Gallery(label="Results", format="png", interactive=False, visible=False)
        self.region_map = gr.Image(label="The region framed", format="png", interactive=False, visible=False)
        self.crops = gr.Gallery(label="The region, enlarged", format="png", interactive=False, visible=False)

    def filled(self, status: gr.Markdown) -> list[Any]:
        """Return the components that a run fills while it goes on, in the order of its values."""
        return [self.gallery, self.table, status, self.scores, self.region_map, self.crops]
