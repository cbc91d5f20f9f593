"""Which pair is shown next: where the ranking is least certain, with tests of attention in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from decloss.votes.ranking import Fit, probabilities

EVERY = 8
"""Of so many rounds, the last shows the same picture twice, and the middle one a pair from before, swapped."""
LATELY = 3
"""A pair of networks comes back after this many rounds at the earliest."""


@dataclass(frozen=True)
class Question:
    """What is shown to a visitor: two networks' results on the same place of the same photo."""

    photo: str
    left: str
    right: str
    place: str = ""
    """The window, where it is known already: a repeat has the one from before."""


def next_question(
    count: int,
    asked: Sequence[Question],
    photos: Sequence[str],
    names: Sequence[str],
    fitted: Fit,
    rng: np.random.Generator,
) -> Question:
    """Return one visitor's next question.

    Args:
        count: how many questions there were so far.
        asked: those of them that are remembered, in their order.
        photos: the photos to choose from, at least one.
        names: the networks to choose from, at least two, in the order of ``fitted``.
        fitted: the ranking so far.
        rng: what decides between equals, and who stands on the left.
    """
    position = count % EVERY
    if position == EVERY - 1:
        name = names[int(rng.integers(len(names)))]
        return Question(photos[int(rng.integers(len(photos)))], name, name)
    if position == EVERY // 2 - 1:
        before = [each for each in asked[:-2] if each.left != each.right and each.photo in photos]
        before = [each for each in before if {each.left, each.right} <= set(names)]
        if before:
            again = before[int(rng.integers(len(before)))]
            return Question(again.photo, again.right, again.left, again.place)
    lately = [{each.left, each.right} for each in asked[-LATELY:]]
    pairs = list(combinations(range(len(names)), 2))
    fresh = [pair for pair in pairs if {names[pair[0]], names[pair[1]]} not in lately] or pairs
    gains = np.array([doubt(fitted, *pair) * information(fitted, *pair) for pair in fresh])
    best = np.flatnonzero(gains >= gains.max() * (1 - 1e-9))
    first, second = fresh[int(rng.choice(best))]
    shown = [each.photo for each in asked if {each.left, each.right} == {names[first], names[second]}]
    fewest = min(map(shown.count, photos))
    photo = str(rng.choice([each for each in photos if shown.count(each) == fewest]))
    left, right = (first, second) if rng.random() < 0.5 else (second, first)
    return Question(photo, names[left], names[right])


def information(fitted: Fit, first: int, second: int) -> float:
    """Return how much an answer on this pair is expected to tell of the ranking, up to a factor.

    That is the variance of the difference of the two strengths, as far as it is known now, times the information that
    one answer holds on it: a pair whose winner is clear tells nothing, however unsure its strengths are.
    """
    win, lose, _ = probabilities(fitted.strengths[first], fitted.strengths[second], fitted.log_tie)
    return float(_spread(fitted, first, second) * ((win + lose) - (win - lose) ** 2) / 4)


def doubt(fitted: Fit, first: int, second: int) -> float:
    """Return how open it is which of the two is the stronger: 1/4 if nothing is known, towards 0 if it is clear."""
    difference = fitted.strengths[first] - fitted.strengths[second]
    chance = NormalDist().cdf(float(difference / np.sqrt(_spread(fitted, first, second))))
    return chance * (1 - chance)


def _spread(fitted: Fit, first: int, second: int) -> float:
    """Return the variance of the difference of two strengths, as far as it is known."""
    known = fitted.covariance
    return float(known[first, first] + known[second, second] - 2 * known[first, second])
