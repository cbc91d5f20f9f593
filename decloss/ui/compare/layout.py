"""What Compare looks like: every component of the tab, and the words around them."""

from dataclasses import dataclass

import gradio as gr

from decloss.ui.compare import callbacks
from decloss.ui.compare.closer_look import REGION_SIDES

INTRODUCTION = r"""
One photo goes through every checkpoint that you choose, and the results stand side by side, with scores where there is
an original. The networks differ in the loss they were trained with, not in what they are given.

$$ \hat{y} = G_\theta(x) \quad (1) \qquad L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$
"""
MODE_HINT = (
    "The original (HR) is shrunk ×4 and every result is measured against it. “Upscale this” takes the photo itself as "
    "the input: nothing to measure against."
)
CHECKPOINTS_HINT = (
    "Named by network and terms of the loss. Two that differ in one term, such as edsr-l1 and edsr-l1-dec, show what "
    "that term does."
)
FIT_HINT = "A piece is cut out around the place chosen above."
SPECTRA_TITLE = (
    "## Spectra\nWhat each picture holds at each frequency: low in the centre, high at the edges, one logarithmic "
    "colour scale for all."
)
FILES_LABEL = "Every picture as PNG; all of them, the scores and the checkpoints' cards as ZIP"


@dataclass(frozen=True)
class Inputs:
    """What a visitor chooses before a run."""

    mode: gr.Radio
    checkpoints: gr.CheckboxGroup
    fit: gr.Radio
    side: gr.Slider
    run: gr.Button
    stop: gr.Button
    status: gr.Markdown


@dataclass(frozen=True)
class Outputs:
    """What a run fills, and what looks closer at it."""

    everything: gr.Column
    gallery: gr.Gallery
    table: gr.HTML
    picker: gr.Image
    region: tuple[gr.Slider, gr.Slider, gr.Slider]
    crops: gr.Gallery
    first: gr.Dropdown
    second: gr.Dropdown
    slider: gr.ImageSlider
    difference: gr.Image
    pair_note: gr.Markdown
    spectra: gr.Gallery
    power: gr.Image
    files: gr.File
    scores: gr.JSON
    hints: tuple[gr.Markdown, gr.Markdown, gr.Markdown]
    shape: gr.HTML
    """A style sheet with the pictures' proportions."""
    later: tuple[gr.Column, gr.Column, gr.Column]
    """The parts that a finished run fills: two pictures, spectra, files."""


def hints(*, with_reference: bool) -> tuple[str, str, str]:
    """What to look for in the table, in the crops and in the spectra."""
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


def lay_out_inputs(names: list[str]) -> Inputs:
    """The upper part of the tab, for the checkpoints ``names``."""
    gr.Markdown(INTRODUCTION)
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            mode = gr.Radio(
                [callbacks.WITH_ORIGINAL, callbacks.WITHOUT_ORIGINAL],
                value=callbacks.WITH_ORIGINAL,
                label="This photo is",
                info=MODE_HINT,
                elem_id="mode",
            )
            with gr.Accordion("Which part of the photo, and how large", open=False):
                fit = gr.Radio(
                    [callbacks.CROP, callbacks.WHOLE],
                    value=callbacks.CROP,
                    label="What is taken of a larger photo",
                    info=FIT_HINT,
                )
                side = gr.Slider(
                    *callbacks.SIDES,
                    value=callbacks.side_for(callbacks.WITH_ORIGINAL),
                    step=64,
                    label="Longest side of the result, pixels",
                    info="Larger takes longer; a detail is easier to judge in a small piece.",
                    elem_id="side",
                )
        with gr.Column(scale=4, min_width=320):
            checkpoints = gr.CheckboxGroup(
                names, value=names, label="Checkpoints", info=CHECKPOINTS_HINT, elem_id="checkpoints"
            )
            with gr.Row():
                run = gr.Button("Compare", variant="primary", scale=3, elem_id="run")
                stop = gr.Button("Stop", scale=1, min_width=80, elem_id="stop")
            status = gr.Markdown(elem_id="status")
    return Inputs(mode, checkpoints, fit, side, run, stop, status)


def lay_out_outputs() -> Outputs:
    """The lower part of the tab, hidden until there is something to see."""
    with gr.Column(visible=False) as everything:
        gr.Markdown("## Results\nSame input for all, shown as each one finishes. Click a picture to see it large.")
        shape = gr.HTML(elem_id="shape", padding=False)
        gallery = _gallery("Results", "results")
        table = gr.HTML(elem_id="scores")
        table_hint = _hint()

        gr.Markdown("## Look closely\nOne region, the same place in every result, enlarged without smoothing.")
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=300):
                picker = _image("Click to move the region", "picker", "Map of the picture with the region framed")
                region = (
                    gr.Slider(0, 100, value=50, step=0.5, label="Region, % from the left", elem_id="region-x"),
                    gr.Slider(0, 100, value=50, step=0.5, label="Region, % from the top", elem_id="region-y"),
                    gr.Slider(*REGION_SIDES, value=64, step=8, label="Region, pixels a side"),
                )
            with gr.Column(scale=5, min_width=320):
                crops = _gallery("The region, enlarged", "crops")
                crops_hint = _hint()

        with gr.Column(visible=False) as pair:
            gr.Markdown("## Two against each other")
            with gr.Row():
                first = gr.Dropdown([], label="Left", interactive=True, elem_id="first")
                second = gr.Dropdown([], label="Right", interactive=True, elem_id="second")
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
                    difference = _image("Difference", "difference", "Map of the difference between the two pictures")
            pair_note = gr.Markdown(elem_id="pair-note", elem_classes="caption")

        with gr.Column(visible=False) as spectral:
            gr.Markdown(SPECTRA_TITLE)
            spectra = _gallery("Spectra", "spectra")
            power = _image(None, "power", "Curves of spectral power over frequency, one for each picture")
            spectra_hint = _hint()

        with gr.Column(visible=False) as taking:
            gr.Markdown("## Take it with you")
            files = gr.File(label=FILES_LABEL, file_count="multiple", interactive=False, elem_id="files")
        scores = gr.JSON(visible=False)
    return Outputs(
        everything, gallery, table, picker, region, crops, first, second, slider, difference, pair_note, spectra,
        power, files, scores, (table_hint, crops_hint, spectra_hint), shape, (pair, spectral, taking),
    )  # fmt: skip


def _hint() -> gr.Markdown:
    return gr.Markdown(elem_classes="caption")


def _image(label: str | None, elem_id: str, alt_text: str) -> gr.Image:
    return gr.Image(
        label=label,
        show_label=label is not None,
        format="png",
        interactive=False,
        buttons=["fullscreen"],
        elem_id=elem_id,
        alt_text=alt_text,
    )


def _gallery(label: str, elem_id: str) -> gr.Gallery:
    return gr.Gallery(
        label=label,
        show_label=False,
        format="png",
        object_fit="contain",
        interactive=False,
        buttons=["fullscreen", "download"],
        elem_id=elem_id,
        elem_classes="pictures",
    )
