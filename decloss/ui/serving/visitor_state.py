"""What the server keeps for each open page: the values of its states, and no copy of the page itself."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio import state_holder
from gradio.state_holder import SessionState


def keep_no_pages() -> None:
    """Let Gradio make a ``VisitorState`` for each visitor."""
    state_holder.SessionState = VisitorState


class VisitorState(SessionState):
    """Gradio's own, which also keeps every component of the page with its last value, for links to a page's state.

    There are no such links here (``ui/parts/address.py`` has its own), and the copies took 18 ms and 1.4 MB a visitor, in two
    thousand objects that the garbage collector went through again and again while everybody waited.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        """Nothing to keep."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Nothing to keep."""
