"""Nothing is fetched for visitors: an address that they give could be one that only this machine can reach."""

from typing import Any

import gradio as gr
from gradio import processing_utils

SENTENCE = "Addresses are not fetched here: upload the file."


def names_address(value: Any) -> bool:
    """Whether a file in a call is said to lie at an address: Gradio would fetch it."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            path = part.get("path")
            if isinstance(path, str) and path.strip().lower().startswith(("http:", "https:")):
                return True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False


def fetch_nothing() -> None:
    """Let every way by which Gradio would fetch an address for a visitor end with ``SENTENCE``."""
    processing_utils.async_ssrf_protected_get = _refuse


async def _refuse(url: str) -> Any:  # noqa: ARG001
    raise gr.Error(SENTENCE, print_exception=False)
