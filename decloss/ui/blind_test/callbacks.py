"""What the Blind test does: it draws the next pair, takes an answer, and says what the votes say."""

import contextlib
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr
import numpy as np

from decloss.files.images import ImageError
from decloss.ui.blind_test.controls import EXAMPLES, OWN_NETWORK, Controls
from decloss.ui.blind_test.limits import Limits
from decloss.ui.blind_test.pictures import OWN, cut_candidates
from decloss.ui.blind_test.rounds import STALE, Rounds
from decloss.ui.blind_test.stage import ask_on_stage, tell_on_stage, wait_on_stage
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.examples import Examples
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.tally import Tallies
from decloss.ui.photo.input import Upload, decode_or_explain
from decloss.views.blind import Candidates, draw_window, make_sheet, place_of, window_at
from decloss.votes.pairing import Question, next_question
from decloss.votes.ranking import Fit, fit
from decloss.votes.store import StoreError, VoteStore
from decloss.votes.vote import Vote
from decloss.zoo.checkpoint import CheckpointError

NOT_READY = "The example photos are being upscaled for the first time. Press Next pair in a few seconds."
NO_FINETUNE = "You have no finished finetune here. Start one in the Finetune tab, or choose other pictures."
NO_BROWSER = "This page could not give your browser a number to vote with. Reload it, and allow it to store that."
TOO_MANY = "That is enough for this hour. Thank you! Your votes are kept."


@dataclass(frozen=True)
class Pair:
    """A question with its pictures, before it is shown."""

    question: Question
    found: Candidates


@dataclass(frozen=True)
class BlindTest:
    """What all visitors' rounds share."""

    networks: Networks
    examples: Examples
    store: VoteStore
    tallies: Tallies
    limits: Limits = field(default_factory=Limits)
    taken: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))
    """The tokens of the last answers, since two answers to one question may come at the same moment."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def next_pair(
        self, rounds: Rounds, controls: Controls, upload: Upload | None, mine: Networks
    ) -> tuple[Rounds, dict[str, Any]]:
        """Return the rounds with the next question, and what the stage shows of it.

        Args:
            rounds: the visitor's rounds so far.
            controls: which pictures, and whether with the original.
            upload: the visitor's photo, for rounds on it.
            mine: all networks, with the visitor's own finetunes as the last.
        """
        rng = np.random.default_rng(secrets.randbits(64))
        if controls.source == EXAMPLES:
            pair = self._of_examples(rounds, rng)
            if pair is None:
                return replace(rounds, shown=None), wait_on_stage(NOT_READY)
        else:
            rounds = rounds.on_photo(upload)
            pair = self._of_own_photo(rounds, controls, upload, mine, rng)
        question, found = pair.question, pair.found
        window = window_at(found, question.place) if question.place else None
        window = window or draw_window(found, question.left, question.right, rng)
        question = replace(question, place=place_of(found, window))
        scores = {name: found.scores[name] for name in {question.left, question.right}}
        asked = rounds.ask(question, controls.protocol, scores)
        with_original = controls.protocol == "with original"
        sheet = make_sheet(found, window, question.left, question.right, with_original=with_original)
        return asked, ask_on_stage(asked, sheet)

    def take(
        self, rounds: Rounds, visitor: str, address: str, sent: Mapping[str, Any], classroom: str
    ) -> tuple[Rounds, dict[str, Any]]:
        """Keep an answer, and return the rounds without the question and what the stage tells of it.

        Raises:
            gr.Error: for an answer to what is not shown, too many of them, or votes that cannot be kept.
        """
        if not visitor:
            raise gr.Error(NO_BROWSER)
        shown = rounds.shown
        answered, vote = rounds.answer(visitor, sent.get("token"), sent.get("choice"), sent.get("ms"), classroom)
        assert shown is not None  # Rounds.answer refuses answers without a question
        if not self.limits.take(visitor, address):
            raise gr.Error(TOO_MANY)
        with self.guard:
            if shown.token in self.taken:
                raise gr.Error(STALE)
            with said_to_visitor(StoreError):
                self.store.add(vote)
            self.taken.append(shown.token)
        return answered, tell_on_stage(shown, vote)

    def votes_of(self, visitor: str) -> list[Vote]:
        """Return a visitor's votes; none if they cannot be read, which the next vote will say."""
        with contextlib.suppress(StoreError):
            return self.store.votes(visitor=visitor)
        return []

    def _of_examples(self, rounds: Rounds, rng: np.random.Generator) -> Pair | None:
        self.examples.want_more()
        ready = self.examples.ready()
        if not ready:
            return None
        fullest = max((found.results for found in ready.values()), key=len).keys()
        photos = [photo for photo, found in ready.items() if fullest <= found.results.keys()]
        names = [name for name in self.tallies.names if name in fullest]
        fitted = _part(self._fitted(), self.tallies.names, names)
        question = next_question(rounds.count, rounds.asked, photos, names, fitted, rng)
        return Pair(question, ready[question.photo])

    def _of_own_photo(
        self, rounds: Rounds, controls: Controls, upload: Upload | None, mine: Networks, rng: np.random.Generator
    ) -> Pair:
        photo = decode_or_explain(upload).pixels
        if controls.source == OWN_NETWORK:
            names = list(_finetune_and_start(mine))
            fitted = _nothing_known(len(names))
        else:
            names = list(self.networks.names)
            fitted = _part(self._fitted(), self.tallies.names, names)
        question = next_question(rounds.count, rounds.asked, (OWN,), names, fitted, rng)
        height, width = photo.shape[:2]
        at = None
        if question.place:
            left, top, side = map(int, question.place.split(","))
            at = (left + side / 2) / width, (top + side / 2) / height
        chosen = sorted({question.left, question.right})
        with said_to_visitor(ImageError, CheckpointError):
            return Pair(question, cut_candidates(photo, chosen, mine, rng, at))

    def _fitted(self) -> Fit:
        try:
            return self.tallies.fitted()
        except StoreError:  # said when the vote is kept; until then any pair will do
            return _nothing_known(len(self.tallies.names))


def _finetune_and_start(mine: Networks) -> tuple[str, str]:
    """Return the newest of the visitor's finetunes and the network that it started from."""
    for name in mine.mine:
        with contextlib.suppress(CheckpointError):
            training = mine.card(name)["training"]
            start = training[-1].get("init") if training else None
            if start in mine.names:
                return name, start
    raise gr.Error(NO_FINETUNE)


def _nothing_known(n: int) -> Fit:
    zeros = np.zeros((n, n))
    return fit(zeros, zeros)


def _part(fitted: Fit, every: Sequence[str], names: Sequence[str]) -> Fit:
    """Return what is known of ``names`` alone."""
    rows = [list(every).index(name) for name in names]
    return Fit(fitted.strengths[rows], fitted.log_tie, fitted.covariance[np.ix_(rows, rows)])
