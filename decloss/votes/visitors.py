"""Whose votes count, and how much: attention is tested, and nobody counts for more than fifty votes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decloss.votes.vote import Vote

MOST_OF_ONE = 50
"""A visitor with more votes than this counts as if there were this many, each of them for less."""
LEAST_TESTS = 4
"""The tests of attention before which nobody is called careless."""
LEAST_PASSED = 2 / 3
"""The share of passed tests below which a visitor's votes are left out. Answers at random pass about 0.55 of them."""


@dataclass(frozen=True)
class Ballots:
    """What careful visitors said of each pair of networks, ready to be fitted and resampled."""

    names: tuple[str, ...]
    wins: NDArray[np.float64]
    """(visitors, n, n): how often the visitor preferred network i to network j, weighted."""
    ties: NDArray[np.float64]
    """(visitors, n, n), symmetric: how often the visitor saw no difference, weighted."""
    votes: tuple[tuple[Vote, ...], ...]
    """The votes that count, by visitor."""
    careless: int
    """The visitors whose votes are left out, since they failed too many tests of attention."""

    @property
    def count(self) -> int:
        """The number of votes that count."""
        return sum(map(len, self.votes))

    @property
    def met(self) -> NDArray[np.bool_]:
        """Whether any vote that counts is on a network, (n,): of the others nothing is known."""
        votes = (self.wins + self.ties).sum(axis=0)  # (n, n)
        return votes.sum(axis=0) + votes.sum(axis=1) > 0

    def weights(self) -> NDArray[np.float64]:
        """Return what one vote of each visitor counts, (visitors,)."""
        return np.array([min(1.0, MOST_OF_ONE / len(votes)) for votes in self.votes], dtype=np.float64)


def attention(votes: Sequence[Vote]) -> tuple[int, int]:
    """Return how many tests of attention one visitor passed, and how many there were.

    A test is a pair of twice the same picture, passed by "no difference", or a pair that was shown before, passed
    unless now the other picture is preferred.
    """
    passed = tests = 0
    before: dict[object, str | None] = {}
    for vote in votes:
        if vote.is_attention_test:
            tests += 1
            passed += vote.choice == "neither"
        elif vote.shown in before:
            tests += 1
            passed += None in (before[vote.shown], vote.preferred) or before[vote.shown] == vote.preferred
        else:
            before[vote.shown] = vote.preferred
    return passed, tests


def is_careless(votes: Sequence[Vote]) -> bool:
    """Return whether one visitor failed so many tests of attention that the votes say little."""
    passed, tests = attention(votes)
    return tests >= LEAST_TESTS and passed < LEAST_PASSED * tests


def count_ballots(votes: Iterable[Vote], names: Sequence[str], *, everybody: bool = False) -> Ballots:
    """Return what careful visitors, or with ``everybody`` all of them, said of the networks ``names``.

    Tests of attention are left out, and so is the second answer of a visitor to the same question.
    """
    by_visitor: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        by_visitor[vote.visitor].append(vote)
    index = {name: position for position, name in enumerate(names)}
    kept, careless = [], 0
    for given in by_visitor.values():
        if is_careless(given) and not everybody:
            careless += 1
            continue
        asked = {vote.shown: vote for vote in reversed(given) if {vote.left, vote.right} <= set(index)}
        counted = tuple(vote for vote in asked.values() if not vote.is_attention_test)
        if counted:
            kept.append(counted)
    shape = (len(kept), len(names), len(names))
    ballots = Ballots(tuple(names), np.zeros(shape), np.zeros(shape), tuple(kept), careless)
    for visitor, (counted, weight) in enumerate(zip(kept, ballots.weights(), strict=True)):
        for vote in counted:
            if vote.preferred is None or vote.other is None:
                i, j = index[vote.left], index[vote.right]
                ballots.ties[visitor, i, j] += weight
                ballots.ties[visitor, j, i] += weight
            else:
                ballots.wins[visitor, index[vote.preferred], index[vote.other]] += weight
    return ballots
