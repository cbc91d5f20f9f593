"""What the Finetune tab looks like below its form: the visitor's finetunes, and the one that is looked at."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from decloss.ui.finetune import words
from decloss.ui.finetune.elsewhere import Elsewhere, lay_out_elsewhere
from decloss.ui.parts.pictures import picture

UPDATE_EVERY = 1.0
"""Seconds after which the page shows anew what a running finetune does."""


@dataclass(frozen=True)
class BesideForm:
    """What stands beside the form."""

    start: gr.Button
    estimate: gr.Button
    cost: gr.Markdown
    command_button: gr.Button
    command: gr.Textbox
    listing: gr.Radio
    """The visitor's finetunes, newest first."""


@dataclass(frozen=True)
class View:
    """The finetune that is looked at."""

    shown: gr.State
    """What is shown of it, a ``Shown`` of changes.py."""
    timer: gr.Timer
    """Ticks while it goes on."""
    missing: gr.Markdown
    everything: gr.Column
    """Hidden while there is none."""
    head: gr.HTML
    stop: gr.Button
    go_on: gr.Button
    finish: gr.Button
    more: gr.Number
    extend: gr.Button
    delete: gr.Button
    confirm: gr.Column
    really: gr.Button
    keep: gr.Button
    before: gr.Image
    now: gr.Image
    curves: gr.HTML
    log: gr.Textbox
    result: gr.Column
    scores: gr.HTML
    compare: gr.Button
    files: gr.File
    card: gr.JSON
    about: gr.Accordion
    """Around the card."""
    link: gr.Textbox
    slices: gr.Markdown
    """What ZeroGPU says."""
    elsewhere: Elsewhere

    @property
    def changing(self) -> list[Any]:
        """All that ``changes_since`` may change."""
        return [
            self.shown, self.timer, self.missing, self.everything, self.head, self.stop, self.go_on, self.finish,
            self.more, self.extend, self.confirm, self.before, self.now, self.curves, self.log, self.result,
            self.scores, self.files, self.card, self.about, self.compare, self.elsewhere.push,
        ]  # fmt: skip


def lay_out_beside_form() -> BesideForm:
    """The buttons beside the form, inside the current ``gr.Blocks``."""
    with gr.Row():
        start = gr.Button("Start", variant="primary", scale=2, min_width=100, elem_id="ft-start-button")
        estimate = gr.Button("Estimate", scale=1, min_width=100, elem_id="ft-estimate")
    cost = gr.Markdown(words.BEFORE_ESTIMATE, elem_id="ft-cost")
    command_button = gr.Button("Copy as command", size="sm", elem_id="ft-command-button")
    command = gr.Textbox(
        label=words.COMMAND,
        info=words.COMMAND_HINT,
        lines=4,
        max_lines=8,
        interactive=False,
        visible=False,
        buttons=["copy"],
        elem_id="ft-command",
    )
    listing = gr.Radio([], label="My finetunes", info=words.MINE, visible=False, elem_id="ft-mine")
    return BesideForm(start, estimate, cost, command_button, command, listing)


def lay_out_view() -> View:
    """The finetune that is looked at, hidden until there is one."""
    shown = gr.State(None)
    timer = gr.Timer(UPDATE_EVERY, active=False)
    missing = gr.Markdown(visible=False, elem_id="ft-missing")
    with gr.Column(visible=False, elem_id="ft-view") as everything:
        head = gr.HTML(elem_id="ft-head")
        with gr.Row(elem_id="ft-buttons"):
            compare = gr.Button(
                "Compare with its start", variant="primary", min_width=200, visible=False, elem_id="ft-compare"
            )
            stop = gr.Button("Stop", variant="stop", min_width=90, visible=False, elem_id="ft-stop")
            go_on = gr.Button("Go on", variant="primary", min_width=90, visible=False, elem_id="ft-go-on")
            finish = gr.Button("Finish here", min_width=110, visible=False, elem_id="ft-finish")
            more = gr.Number(
                100, precision=0, show_label=False, label="Steps more", container=False, min_width=80, visible=False,
                elem_id="ft-more",
            )  # fmt: skip
            extend = gr.Button("more steps", min_width=110, visible=False, elem_id="ft-extend")
            delete = gr.Button("Delete", min_width=90, elem_id="ft-delete")
        slices = gr.Markdown(elem_id="ft-slices")
        with gr.Column(visible=False, elem_id="ft-confirm") as confirm:
            gr.Markdown(words.DELETE)
            with gr.Row():
                really = gr.Button("Delete it", variant="stop", min_width=90, elem_id="ft-really")
                keep = gr.Button("Keep it", min_width=90, elem_id="ft-keep")
        with gr.Column(visible=False, elem_id="ft-result") as result:
            scores = gr.HTML(elem_id="ft-scores")
            gr.Markdown(words.SCORES_HINT, elem_classes="caption")
        with gr.Row(equal_height=False):
            with gr.Column(scale=1, min_width=300):
                with gr.Row(elem_id="ft-pictures"):
                    before = _picture("ft-before", "The crop before the finetune", "Before")
                    now = _picture("ft-now", "The same crop as the finetune makes it now", "Now")
                gr.Markdown(words.PICTURES_HINT, elem_classes="caption")
            with gr.Column(scale=1, min_width=320):
                curves = gr.HTML(elem_id="ft-curves")
                gr.Markdown(words.CURVES_HINT, elem_classes="caption")
        log = gr.Textbox(
            label="The end of its log", lines=8, max_lines=14, interactive=False, visible=False, buttons=["copy"],
            elem_id="ft-log",
        )  # fmt: skip
        files = gr.File(
            label="The checkpoint: weights and card", file_count="multiple", interactive=False, visible=False,
            elem_id="ft-files-made",
        )  # fmt: skip
        with gr.Accordion("Its card", open=False, visible=False, elem_id="ft-card") as about:
            card = gr.JSON(show_label=False)
        link = gr.Textbox(label="Private link", info=words.LINK, interactive=False, buttons=["copy"], elem_id="ft-link")
        elsewhere = lay_out_elsewhere()
    return View(
        shown, timer, missing, everything, head, stop, go_on, finish, more, extend, delete, confirm, really, keep,
        before, now, curves, log, result, scores, compare, files, card, about, link, slices, elsewhere,
    )  # fmt: skip


def _picture(elem_id: str, alt_text: str, label: str) -> gr.Image:
    return picture(alt_text, label, min_width=140, elem_id=elem_id, elem_classes="ft-picture")
