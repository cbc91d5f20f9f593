"""Pictures as every tab shows them: lossless, not to be changed, and said in words."""

from collections.abc import Sequence
from typing import Any

import gradio as gr


def picture(
    alt_text: str, label: str | None = None, *, buttons: Sequence[str] = ("fullscreen",), **more: Any
) -> gr.Image:
    """A picture with ``buttons`` on it, under its ``label`` if there is one; ``more`` are Gradio's options."""
    return gr.Image(
        label=label,
        show_label=label is not None,
        format="png",
        interactive=False,
        buttons=list(buttons),
        alt_text=alt_text,
        **more,
    )


def gallery_of(label: str, elem_id: str, *, buttons: Sequence[str] = ("fullscreen", "download")) -> gr.Gallery:
    """Several pictures with captions; ``label`` is for those who cannot see them."""
    return gr.Gallery(
        label=label,
        show_label=False,
        format="png",
        object_fit="contain",
        interactive=False,
        buttons=list(buttons),
        elem_id=elem_id,
        elem_classes="pictures",
    )
