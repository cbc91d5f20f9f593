"""What the Finetune tab has beside and below its form: buttons, the list of finetunes, and the view of one."""

from typing import Any

import gradio as gr

from decloss.ui.finetune import words
from decloss.ui.finetune.before_now import before_now
from decloss.ui.finetune.elsewhere import Elsewhere
from decloss.ui.finetune.keys import Keys
from decloss.ui.finetune.saved import settings_keeper

UPDATE_EVERY = 1.0
"""The seconds after which the page shows anew what a running finetune does."""


class BesideForm:
    """The buttons and boxes beside the form, laid out inside the current ``gr.Blocks``."""

    def __init__(self) -> None:
        with gr.Row():
            self.start = gr.Button("Start", variant="primary", scale=2, min_width=100, elem_id="ft-start-button")
            self.estimate = gr.Button("Estimate", scale=1, min_width=100, elem_id="ft-estimate")
        self.cost = gr.Markdown(words.BEFORE_ESTIMATE, elem_id="ft-cost")
        self.line = gr.Markdown(elem_id="ft-line")  # it says how many would be before a finetune that is started now
        with gr.Row(elem_id="ft-settings"):
            self.save = gr.Button("Save settings", size="sm", min_width=100, elem_id="ft-save")
            self.load = gr.Button("Load settings", size="sm", min_width=100, elem_id="ft-load")
            self.command_button = gr.Button("Copy as command", size="sm", min_width=120, elem_id="ft-command-button")
        self.keeper = settings_keeper()
        self.loaded = gr.Markdown(elem_id="ft-loaded", elem_classes="caption")
        self.command = gr.Textbox(
            label=words.COMMAND,
            info=words.COMMAND_HINT,
            lines=4,
            max_lines=8,
            interactive=False,
            visible=False,
            buttons=["copy"],
            elem_id="ft-command",
        )
        self.listing = gr.Radio([], label="My finetunes", info=words.MINE, visible=False, elem_id="ft-mine")
        self.keys = Keys()


class View:
    """The view of one finetune, laid out inside the current ``gr.Blocks`` and hidden until one is chosen."""

    def __init__(self) -> None:
        self.shown = gr.State(None)  # a ``Shown``, which says what the page shows of the finetune
        self.timer = gr.Timer(UPDATE_EVERY, active=False)  # it ticks while the finetune goes on
        self.missing = gr.Markdown(visible=False, elem_id="ft-missing")
        with gr.Column(visible=False, elem_id="ft-view") as self.everything:
            self.head = gr.HTML(elem_id="ft-head")
            self.not_yours = gr.Markdown(visible=False, elem_id="ft-not-yours", elem_classes="caption")
            with gr.Row(elem_id="ft-buttons"):
                self.compare = gr.Button(
                    "Compare with its start", variant="primary", min_width=200, visible=False, elem_id="ft-compare"
                )
                self.stop = gr.Button("Stop", variant="stop", min_width=90, visible=False, elem_id="ft-stop")
                self.go_on = gr.Button("Go on", variant="primary", min_width=90, visible=False, elem_id="ft-go-on")
                self.finish = gr.Button("Finish here", min_width=110, visible=False, elem_id="ft-finish")
                self.more = gr.Number(
                    100, precision=0, show_label=False, label="Steps more", container=False, min_width=80,
                    visible=False, elem_id="ft-more",
                )  # fmt: skip
                self.extend = gr.Button("more steps", min_width=110, visible=False, elem_id="ft-extend")
                self.delete = gr.Button("Delete", min_width=90, visible=False, elem_id="ft-delete")
            self.slices = gr.Markdown(elem_id="ft-slices")  # it tells what a finetune on ZeroGPU is doing
            with gr.Column(visible=False, elem_id="ft-confirm") as self.confirm:
                gr.Markdown(words.DELETE)
                with gr.Row():
                    self.really = gr.Button("Delete it", variant="stop", min_width=90, elem_id="ft-really")
                    self.keep = gr.Button("Keep it", min_width=90, elem_id="ft-keep")
            with gr.Column(visible=False, elem_id="ft-result") as self.result:
                self.scores = gr.HTML(elem_id="ft-scores")
                gr.Markdown(words.SCORES_HINT, elem_classes="caption")
            with gr.Row(equal_height=False):
                with gr.Column(scale=1, min_width=300):
                    self.pictures = before_now()
                    gr.Markdown(words.PICTURES_HINT, elem_classes="caption")
                with gr.Column(scale=1, min_width=320):
                    self.curves = gr.HTML(elem_id="ft-curves")
                    gr.Markdown(words.CURVES_HINT, elem_classes="caption")
            self.log = gr.Textbox(
                label="The end of its log", lines=8, max_lines=14, interactive=False, visible=False, buttons=["copy"],
                elem_id="ft-log",
            )  # fmt: skip
            self.files = gr.File(
                label="The checkpoint: weights and card", file_count="multiple", interactive=False, visible=False,
                elem_id="ft-files-made",
            )  # fmt: skip
            with gr.Accordion("Its card", open=False, visible=False, elem_id="ft-card") as self.about:
                self.card = gr.JSON(show_label=False)
            self.link = gr.Textbox(
                label="Viewing link", info=words.LINK, interactive=False, buttons=["copy"], elem_id="ft-link"
            )
            self.elsewhere = Elsewhere()

    @property
    def changing(self) -> list[Any]:
        """The components that ``changes_since`` may change."""
        fixed = (self.really, self.keep, self.link, self.slices, self.elsewhere)
        return [
            *(part for part in vars(self).values() if part not in fixed),
            self.elsewhere.push,
            self.elsewhere.rented,
        ]
