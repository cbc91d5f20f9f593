"""The upper part of the Compare tab, where a run is set up and started: its components and the words around them."""

import gradio as gr

from decloss.ui.compare.controls import Controls
from decloss.ui.parts.panel import Panel

INTRODUCTION = r"""
One photo goes through every checkpoint that you choose, and the results stand side by side, with scores where there is
an original. The networks differ in the loss they were trained with, not in what they are given.

$$ \hat{y} = G_\theta(x) \quad (1) \qquad L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$
"""


class Inputs:
    """The upper part of the tab, where a run is set up, started and stopped, and says what it does."""

    def __init__(self, panel: Panel[Controls]) -> None:
        gr.Markdown(INTRODUCTION)
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                panel.lay_out("photo")
                with gr.Accordion("Which part of the photo, and how large", open=False):
                    panel.lay_out("framing")
            with gr.Column(scale=4, min_width=320):
                panel.lay_out("checkpoints")
                with gr.Row():
                    self.run = gr.Button("Compare", variant="primary", scale=3, elem_id="run")
                    self.stop = gr.Button("Stop", scale=1, min_width=80, elem_id="stop")
                self.status = gr.Markdown(elem_id="status")
