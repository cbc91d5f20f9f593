"""The Compare tab: one photo, several checkpoints, side by side."""

from typing import Any

import gradio as gr

from decloss.ui import compare_callbacks as callbacks
from decloss.ui.examples import example_photos
from decloss.ui.photo_input import PhotoInput
from decloss.ui.session import Session
from decloss.zoo import Zoo

# Seconds a visitor's pictures are kept in memory.
KEEP_SECONDS = 3600


def build_compare(zoo: Zoo) -> None:
    """Lay out the tab inside the current ``gr.Blocks`` and wire it."""
    load = callbacks.network_loader(zoo)
    names = callbacks.checkpoint_names(zoo)
    session = gr.State(None, time_to_live=KEEP_SECONDS)

    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            examples = example_photos()
            photo = PhotoInput(
                examples[0][0] if examples else None,
                label="Photo",
                sources=["upload", "clipboard", "webcam"],
                buttons=["fullscreen"],
                height=380,
                elem_id="photo",
                alt_text="The photo to compare on",
            )
            photo_note = gr.Markdown(elem_id="photo-note")
            gr.Examples([[path] for path, _ in examples], inputs=[photo], label="Or start from an example")
            with gr.Accordion("Credits of the examples", open=False):
                gr.Markdown("\n".join(f"- {credit}" for _, credit in examples))
        with gr.Column(scale=4, min_width=320):
            mode = gr.Radio(
                [callbacks.WITH_ORIGINAL, callbacks.WITHOUT_ORIGINAL],
                value=callbacks.WITH_ORIGINAL,
                label="This photo is",
                info="The original (HR) is shrunk ×4 and every result is measured against it. "
                "“Upscale this” takes the photo itself as the input: nothing to measure against.",
                elem_id="mode",
            )
            chosen = gr.CheckboxGroup(names, value=names, label="Checkpoints", elem_id="checkpoints")
            with gr.Accordion("Which part of a large photo", open=False):
                fit = gr.Radio([callbacks.CROP, callbacks.WHOLE], value=callbacks.CROP, show_label=False)
                side = gr.Slider(*callbacks.SIDES, value=1024, step=64, label="Longest side of the result, pixels")
                x = gr.Slider(0, 100, value=50, step=1, label="Centre, % from the left")
                y = gr.Slider(0, 100, value=50, step=1, label="Centre, % from the top")
                gr.Markdown("Or click the photo where the piece should be.")
            with gr.Row():
                run = gr.Button("Compare", variant="primary", scale=3, elem_id="run")
                stop = gr.Button("Stop", scale=1, min_width=80)
            status = gr.Markdown(elem_id="status")

    with gr.Column(visible=False) as output:
        gr.Markdown("## Results\nSame input for all, shown as each one finishes. Click a picture to see it large.")
        gallery = _gallery("Results", "results")
        table = gr.HTML(elem_id="scores")
        gr.Markdown(
            "Best in red, second best in blue, as in the paper. PSNR and SSIM on luma, 4 pixels cut from each side; LPIPS 0.1 "
            "(AlexNet) on RGB. *Look for:* a network trained with L1 wins PSNR and SSIM; that need not be the picture "
            "you would choose.",
            elem_classes="caption",
        )

        gr.Markdown("## Look closely\nOne region, the same place in every result, enlarged without smoothing.")
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=300):
                picker = gr.Image(
                    label="Click to move the region",
                    interactive=False,
                    buttons=[],
                    elem_id="picker",
                    alt_text="Map of the picture with the chosen region framed",
                )
                region_x = gr.Slider(0, 100, value=50, step=0.5, label="Region, % from the left", elem_id="region-x")
                region_y = gr.Slider(0, 100, value=50, step=0.5, label="Region, % from the top", elem_id="region-y")
                region_side = gr.Slider(*callbacks.REGION_SIDES, value=64, step=8, label="Region, pixels a side")
            with gr.Column(scale=5, min_width=320):
                crops = _gallery("The region, enlarged", "crops")
                gr.Markdown(
                    "*Look for:* lines that L1 leaves soft where the original is sharp: the average of all details "
                    "that would fit the input.",
                    elem_classes="caption",
                )

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
                difference = gr.Image(
                    label="Difference",
                    format="png",
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="difference",
                    alt_text="Map of the difference between the two chosen pictures",
                )
        pair_note = gr.Markdown(elem_id="pair-note", elem_classes="caption")

        gr.Markdown(
            "## Spectra\nWhat each picture holds at each frequency: low in the centre, high at the edges, one logarithmic "
            "colour scale for all."
        )
        spectra = _gallery("Spectra", "spectra")
        power = gr.Image(
            label="Power by frequency",
            show_label=False,
            format="png",
            interactive=False,
            buttons=["fullscreen"],
            elem_id="power",
            alt_text="Curves of spectral power over frequency, one for each picture",
        )
        gr.Markdown(
            "*Look for:* up to the dashed line the input knows; beyond it a network must invent. A curve that falls "
            "below the original there is a picture that is too smooth.",
            elem_classes="caption",
        )

        gr.Markdown("## Take it with you")
        files = gr.File(
            label="Every picture as PNG; all of them, the scores and the checkpoints' cards as ZIP",
            file_count="multiple",
            interactive=False,
            elem_id="files",
        )
        scores = gr.JSON(visible=False)

    region = [region_x, region_y, region_side]

    def run_comparison(
        content: Any, mode: str, names: Any, fit: str, side: float, x: float, y: float, *region: float
    ) -> Any:
        yield from callbacks.run_comparison(zoo, load, content, mode, names, fit, side, x, y, region)

    def move_region(session: Session | None, side: float, event: gr.SelectData) -> tuple[Any, ...]:
        place = callbacks.clicked_place(session, event.index)
        return (*place, *callbacks.show_region(session, *place, side))

    def show_rest(event: Any) -> None:
        """After a run, or what there is of it: everything below the table."""
        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        event.then(callbacks.choose_pair, session, [first, second], **hidden).then(
            callbacks.show_pair, [session, first, second], [slider, difference, pair_note], **hidden
        ).then(callbacks.show_spectra, session, [spectra, power], **hidden).then(
            lambda session: callbacks.make_files(zoo, session), session, files, **hidden
        )

    private: dict[str, Any] = {"api_visibility": "private"}
    live: dict[str, Any] = {**private, "trigger_mode": "always_last", "show_progress": "hidden"}
    photo.input(callbacks.check_photo, photo, [photo, photo_note], **private)
    photo.select(callbacks.clicked_share, photo, [x, y], **private)
    running = run.click(
        run_comparison,
        [photo, mode, chosen, fit, side, x, y, *region],
        [session, gallery, table, status, scores, picker, crops],
        api_name="compare",
        concurrency_limit=1,
        concurrency_id="networks",
        show_progress="hidden",
    )
    status.change(lambda: gr.Column(visible=True), None, output, **private, show_progress="hidden")
    show_rest(running)
    show_rest(stop.click(lambda: "Stopped.", None, status, cancels=[running], **private))
    for control in region:
        control.input(callbacks.show_region, [session, *region], [picker, crops], **live)
    picker.select(move_region, [session, region_side], [region_x, region_y, picker, crops], **live)
    for menu in (first, second):
        menu.input(callbacks.show_pair, [session, first, second], [slider, difference, pair_note], **live)


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
