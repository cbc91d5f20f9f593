"""A classroom: a code in the link, under which votes are counted together, and a tally that the class watches live."""

import secrets
from collections.abc import Callable
from typing import Any

import gradio as gr

from decloss.ui.parts.address import Field
from decloss.ui.parts.tab import LIVE, LOOKS, PRIVATE
from decloss.votes.vote import CLASSROOM

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""What codes are made of: nothing that is mistaken for another letter when it is read aloud or copied."""
EVERY = 2.0
"""The seconds between two looks at a class's tally."""
OUTSIDE = (
    "A classroom is a link: all who open it vote together, and the class watches its own tally. Open one, then copy "
    "the page's link for the class."
)


class Classroom:
    """The components of a classroom, folded below the test."""

    def __init__(self) -> None:
        self.code = gr.Textbox("", visible=False)
        with gr.Accordion("For a class", open=False) as self.fold:
            self.words = gr.Markdown(describe_classroom(""), elem_id="blind-class")
            with gr.Row():
                self.open = gr.Button("Open a classroom", elem_id="blind-open", min_width=160)
                self.leave = gr.Button("Leave it", elem_id="blind-leave", min_width=120)
            label, info = "Show the class's tally live", "It is counted anew every few seconds, for the projector."
            self.watched = gr.Checkbox(False, label=label, info=info, elem_id="blind-watch")
        self.timer = gr.Timer(EVERY, active=False)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The address's fields of the code and of the live tally."""
        return Field("class", self.code, read_classroom), Field("watch", self.watched, lambda text: text == "true")

    def wire(self, show_tally: Callable[[Any], str], tally: gr.HTML) -> None:
        """Let the buttons do what they say; ``show_tally`` turns a code into what ``tally`` shows."""
        self.open.click(make_code, None, self.code, **PRIVATE)
        self.leave.click(lambda: "", None, self.code, **PRIVATE)
        self.code.change(describe_classroom, self.code, self.words, **LIVE)
        self.code.change(show_tally, self.code, tally, **LOOKS)
        changes = [self.code.change, self.watched.change]
        gr.on(changes, _watch, [self.code, self.watched], [self.timer, self.fold], **LIVE)
        self.timer.tick(show_tally, self.code, tally, **LIVE)


def make_code() -> str:
    """Return a new classroom's code, which nobody guesses by chance."""
    return "".join(secrets.choice(LETTERS) for _ in range(6))


def read_classroom(text: Any) -> str:
    """Return the code of a classroom, or "" for none; raise a ``ValueError`` for nonsense."""
    if not isinstance(text, str) or not CLASSROOM.fullmatch(text):
        raise ValueError("a classroom's code has 6 letters and digits")
    return text


def check_classroom(value: Any) -> str:
    """Return ``value`` of a page if it is a code or ""; raise a ``gr.Error`` for anything else."""
    try:
        return read_classroom(value)
    except ValueError as error:
        raise gr.Error("A classroom's code has 6 letters and digits.") from error


def describe_classroom(value: Any) -> str:
    """Return what the page says about the classroom that it is in."""
    code = check_classroom(value)
    if not code:
        return OUTSIDE
    return (
        f"**You are in classroom `{code}`.** Copy the page's link for the class; votes given there are "
        "counted for it, and for all visitors as well."
    )


def _watch(code: Any, watched: Any) -> tuple[Any, Any]:
    """Return the timer, which ticks in a class that watches, and the fold, which opens in a class and never closes."""
    return gr.Timer(active=bool(watched and code)), gr.Accordion(open=True) if code else gr.skip()
