"""Images and galleries as every tab shows them: lossless, read-only, and described for those who cannot see them."""

from collections.abc import Sequence
from typing import Any

import gradio as gr


def picture(
    alt_text: str, label: str | None = None, *, buttons: Sequence[str] = ("fullscreen",), **more: Any
) -> gr.Image:
    """Build an image with ``buttons`` on it and with its ``label``, if it has one; ``more`` is passed to Gradio."""
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
    """Build a gallery of pictures with captions; its ``label`` is for those who cannot see them."""
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
