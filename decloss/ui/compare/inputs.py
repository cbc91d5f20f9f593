"""The middle of the Compare tab, where a run is set up and started: its components and the words around them."""

import gradio as gr

from decloss.ui.compare.controls import Controls
from decloss.ui.parts.names import plain_name
from decloss.ui.parts.panel import Panel
from decloss.zoo.registry import SHARPENED

FORMULA = r"""
One photo goes through every network that you choose. They differ in the loss they were trained with, not in what they
are given: G is the network, x its input, and the loss L is a sum of terms of which some weights ω may be 0. L₁ is the
distance pixel by pixel, L_p the perceptual one (VGG), L_d DECLoss; RaGAN adds an adversarial term.

$$ \hat{y} = G_\theta(x) \quad (1) \qquad L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$
"""
OWN, EXAMPLE = "Run on my photo", "Run again with these settings"
TITLE = "## Run it yourself"
MORE = """() => {
  const unfolded = document.getElementById("checkpoints").classList.toggle("all-shown");
  return unfolded ? "Fewer networks" : "More networks";
}"""


class Inputs:
    """The part of the tab where a run is set up, started and stopped, and says what it does."""

    def __init__(self, panel: Panel[Controls]) -> None:
        gr.Markdown(TITLE)
        with gr.Row(equal_height=False, elem_id="run-panel"):
            with gr.Column(scale=4, min_width=320):
                with gr.Row():
                    self.run = gr.Button(EXAMPLE, variant="primary", scale=3, elem_id="run")
                    self.stop = gr.Button("Stop", scale=1, min_width=80, elem_id="stop")
                self.plan = gr.Markdown(elem_id="run-plan")
                self.line = gr.Markdown(elem_id="line")
                self.status = gr.Markdown("", elem_id="status")
                panel.lay_out("photo")
            with gr.Column(scale=5, min_width=320):
                panel.lay_out("checkpoints")
                more = gr.Button("More networks", size="sm", elem_id="more-networks")
                with gr.Accordion(
                    f"How much “{plain_name(SHARPENED)}” is sharpened", open=False, elem_id="compare-sharpening"
                ):
                    panel.lay_out("sharpening")
                with gr.Accordion("Which part of the photo, and how large", open=False):
                    panel.lay_out("framing")
                with gr.Accordion("Formula", open=False, elem_id="compare-formula"):
                    gr.Markdown(FORMULA)
        more.click(None, None, more, js=MORE, api_visibility="private", show_progress="hidden")
