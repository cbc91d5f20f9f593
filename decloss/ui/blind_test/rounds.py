"""The rounds of one visitor: what was asked, what is shown, and the vote that an answer becomes."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from decloss.evaluation.scores import Scores
from decloss.ui.blind_test.pictures import OWN
from decloss.ui.photo.input import Upload
from decloss.votes.pairing import Question
from decloss.votes.vote import CHOICES, LONGEST_LOOK, Choice, Protocol, Vote

REMEMBERED = 200
"""The questions of a visitor that are remembered, so that they do not come again too soon."""
LEAST_LOOK = 0.2
"""The seconds before which nobody can have looked at two pictures."""
STALE = "This pair is not shown any more. Here is another one."


@dataclass(frozen=True)
class Shown:
    """A question that a visitor has in front of the eyes."""

    token: str
    """What an answer must name, so that a late one is not taken for another pair's."""
    question: Question
    protocol: Protocol
    scores: Mapping[str, Scores]
    """The metrics of both results, told after the answer."""
    at: float
    """When it was sent, by ``time.monotonic``."""


@dataclass(frozen=True)
class Rounds:
    """What the server knows of a visitor's rounds on one page; it never changes."""

    asked: tuple[Question, ...] = ()
    """The last questions, at most ``REMEMBERED``."""
    shown: Shown | None = None
    """What waits for an answer; None before the first pair, and after an answer."""
    count: int = 0
    """How many questions there were, forgotten ones included."""
    upload: Upload | None = None
    """The visitor's photo that the questions on an own photo were about."""
    tag: str = ""
    """Random digits that tell votes on that photo from those on another one: both may have the same places."""

    def ask(self, question: Question, protocol: Protocol, scores: Mapping[str, Scores]) -> "Rounds":
        """Return the rounds with a new question in front of the visitor."""
        shown = Shown(secrets.token_hex(8), question, protocol, scores, time.monotonic())
        return replace(self, asked=(*self.asked, question)[-REMEMBERED:], shown=shown, count=self.count + 1)

    def on_photo(self, upload: Upload | None) -> "Rounds":
        """Return the rounds without questions on another photo of the visitor's: their places mean nothing on this."""
        if upload == self.upload:
            return self
        return replace(
            self, asked=tuple(each for each in self.asked if each.photo != OWN), upload=upload, tag=secrets.token_hex(4)
        )

    def answer(self, visitor: str, token: Any, choice: Any, milliseconds: Any, classroom: str) -> tuple["Rounds", Vote]:
        """Return the rounds without the question, and the vote; raise a ``gr.Error`` for what no visitor can send."""
        if self.shown is None or token != self.shown.token:
            raise gr.Error(STALE)
        if choice not in CHOICES:
            raise gr.Error("The answer must be left, right or neither.")
        seconds = time.monotonic() - self.shown.at
        if seconds < LEAST_LOOK:
            raise gr.Error("That was too fast to have looked.")
        question = self.shown.question
        vote = Vote(
            time.time(),
            visitor,
            f"{OWN}-{self.tag}" if question.photo == OWN else question.photo,
            question.place,
            question.left,
            question.right,
            _as_choice(choice),
            _as_milliseconds(milliseconds, seconds),
            self.shown.protocol,
            classroom,
        )
        return replace(self, shown=None), vote


def _as_choice(choice: str) -> Choice:
    return next(each for each in CHOICES if each == choice)


def _as_milliseconds(claimed: Any, seconds: float) -> int:
    """Return the time that the page measured, from when both pictures were visible; at most what the server knows."""
    most = min(int(1000 * seconds), LONGEST_LOOK)
    if isinstance(claimed, bool) or not isinstance(claimed, int | float) or not 0 <= claimed <= most:
        return most
    return int(claimed)
