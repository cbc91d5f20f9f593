"""The lower part of the Compare tab, the results: their components and the words around them."""

from typing import Any

import gradio as gr

from decloss.ui.compare.controls import Controls
from decloss.ui.parts.panel import Panel
from decloss.ui.parts.pictures import gallery_of, picture

SPECTRA_TITLE = (
    "## Spectra\nWhat each picture holds at each frequency: low in the centre, high at the edges, one logarithmic "
    "colour scale for all."
)
FILES_LABEL = "Every picture as PNG; all of them, the scores and the checkpoints' cards as ZIP"


def hints(*, with_reference: bool) -> tuple[str, str, str]:
    """Return Markdown that says what to look for in the table, in the crops and in the spectra."""
    if with_reference:
        return (
            "Best in red, second best in blue, as in the paper. PSNR and SSIM on luma, 4 pixels cut from each side; "
            "LPIPS 0.1 (AlexNet) on RGB, if available. *Look for:* a network trained with L1 alone wins PSNR; that "
            "need not be the picture you would choose.",
            "*Look for:* lines that L1 leaves soft where the original is sharp: the average of all details that would "
            "fit the input.",
            "*Look for:* up to the dashed line the input knows; beyond it a network must invent. A curve that falls "
            "below the original there is a picture that is too smooth.",
        )
    return (
        "Without an original there is nothing to measure against: only your eyes can judge.",
        "*Look for:* edges that become sharp, and texture that becomes smooth: what L1 makes where it cannot know.",
        "*Look for:* up to the dashed line the input knows; beyond it a network must invent. In photos power falls "
        "steadily; a curve that drops off a cliff at the line belongs to a picture that is too smooth.",
    )


class Outputs:
    """The lower part of the tab, hidden until there is something to see: the results and the closer look at them."""

    def __init__(self, panel: Panel[Controls]) -> None:
        with gr.Column(visible=False) as self.everything:
            gr.Markdown("## Results\nSame input for all, shown as each one finishes. Click a picture to see it large.")
            self.shape = gr.HTML(elem_id="shape", padding=False)  # it holds a style sheet with their proportions
            self.gallery = gallery_of("Results", "results")
            self.table = gr.HTML(elem_id="scores")
            table_hint = _hint()

            gr.Markdown("## Look closely\nOne region, the same place in every result, enlarged without smoothing.")
            with gr.Row(equal_height=False):
                with gr.Column(scale=2, min_width=300):
                    self.picker = picture(
                        "Map of the picture with the region framed", "Click to move the region", elem_id="picker"
                    )
                    panel.lay_out("region")
                with gr.Column(scale=5, min_width=320):
                    self.crops = gallery_of("The region, enlarged", "crops")
                    crops_hint = _hint()

            with gr.Column(visible=False) as pair:
                gr.Markdown("## Two against each other")
                with gr.Row():
                    self.first = gr.Dropdown([], label="Left", interactive=True, elem_id="first")
                    self.second = gr.Dropdown([], label="Right", interactive=True, elem_id="second")
                with gr.Row(equal_height=False):
                    with gr.Column(min_width=320):
                        slider = gr.ImageSlider(
                            label="Drag the line (lossless)",
                            format="png",
                            interactive=False,
                            buttons=["fullscreen"],
                            elem_id="slider",
                        )
                    with gr.Column(min_width=320):
                        difference = picture(
                            "Map of the difference between the two pictures", "Difference", elem_id="difference"
                        )
                note = gr.Markdown(elem_id="pair-note", elem_classes="caption")
            self.pair = [slider, difference, note]

            with gr.Column(visible=False) as spectral:
                gr.Markdown(SPECTRA_TITLE)
                self.spectra = gallery_of("Spectra", "spectra")
                self.power = picture("Curves of spectral power over frequency, one for each picture", elem_id="power")
                spectra_hint = _hint()

            with gr.Column(visible=False) as taking:
                gr.Markdown("## Take it with you")
                self.files = gr.File(label=FILES_LABEL, file_count="multiple", interactive=False, elem_id="files")
            self.scores = gr.JSON(visible=False)
        self.hints = (table_hint, crops_hint, spectra_hint)
        self.later = (pair, spectral, taking)  # these stay hidden until a run has finished

    def filled(self, status: gr.Markdown) -> list[Any]:
        """Return the components that a run fills while it goes on, in the order of its values."""
        return [self.gallery, self.table, status, self.scores, self.picker, self.crops]


def _hint() -> gr.Markdown:
    return gr.Markdown(elem_classes="caption")
