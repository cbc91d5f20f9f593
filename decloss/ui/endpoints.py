"""The functions of the API beside those of buttons ("compare", "finetune"), and how they are described to clients."""

import inspect
from typing import Any, get_args

import gradio as gr

from decloss.ui.contrast.endpoint import make_contrast
from decloss.ui.coo.endpoint import make_coo
from decloss.ui.finetune.endpoint import make_finetune_status
from decloss.ui.frequency.endpoint import make_frequency
from decloss.ui.paper.endpoint import paper
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.visitor import Mine
from decloss.ui.playground.endpoint import playground
from decloss.ui.serving.gradio_patches import describe_function


def build_api(page: gr.Blocks, networks: Networks, mine: Mine) -> None:
    """Offer every function under its own name, inside the current ``gr.Blocks``, which is ``page``."""
    # The API shares the page's lanes, so that whoever asks through it waits with everyone else.
    _offer(page, make_frequency(networks), "looks")
    _offer(page, make_contrast(networks), "looks")
    _offer(page, make_coo(networks), "embedding")
    _offer(page, playground, "toy")
    _offer(page, paper, "reading")
    _offer(page, make_finetune_status(mine), "reading")


def _offer(page: gr.Blocks, function: Any, lane: str) -> None:
    pieces = get_args(inspect.signature(function).return_annotation)
    if inspect.isgeneratorfunction(function) and pieces:  # Gradio shall tell clients the type of each piece
        function.__signature__ = inspect.signature(function).replace(return_annotation=pieces[0])
    event = gr.api(function, api_name=function.__name__, concurrency_id=lane)
    # Gradio takes only the types of the signature, so the docstring's words are put where clients look for them.
    describe_function(page.fns[event["id"]], function)
