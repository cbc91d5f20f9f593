"""What the votes say so far, computed at most every few seconds and shared by all who look."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from decloss.evaluation.scores import Scores
from decloss.votes.agreement import Agreement, agreement
from decloss.votes.ranking import RESAMPLES, Fit, Ranking, are_enough, fit, rank
from decloss.votes.store import VoteStore
from decloss.votes.visitors import Ballots, count_ballots

LEAST_AGE = 3.0
"""The seconds for which a tally is shown before new votes are counted."""
SHARE, AT_LEAST, OLDEST = 20, 4, 10.0
"""A tally is shown for ``SHARE`` times the seconds that counting took, so that counting does not fill a core. The first
count, with SciPy's import, would be shown for too long: ``OLDEST`` seconds are the most, or ``AT_LEAST`` times those of
counting where that is longer."""
MOST_CLASSROOMS = 64
"""The classrooms whose tallies are remembered."""
METRICS: dict[str, tuple[str, bool]] = {
    "PSNR": ("psnr_y", True),
    "SSIM": ("ssim", True),
    "LPIPS": ("lpips", False),
    "ICOO": ("icoo", False),
}
"""The metrics that are compared with the eye: the field of ``Scores``, and whether higher is better."""
AllScores = Mapping[tuple[str, str], Scores]
"""The metrics by photo and network."""


@dataclass(frozen=True)
class Tally:
    """The votes so far, of everybody or of one classroom."""

    last: int
    """The number of the last vote that is counted."""
    ballots: Ballots
    ranking: Ranking
    agreements: Mapping[str, Agreement]
    """How far each metric agrees, by its name; those that have no values are missing."""
    scored: int
    """How many results of networks on examples had metrics then."""
    made: float
    """When it was made, by ``time.monotonic``."""
    seconds: float
    """How long counting took."""

    @property
    def count(self) -> str:
        """How many votes count, of how many visitors, in words."""
        return f"{count_of(self.ranking.votes, 'vote')} of {count_of(self.ranking.visitors, 'visitor')}"


class Tallies:
    """The tallies of everybody and of the classrooms that were asked for last.

    Args:
        store: the votes.
        names: the networks that are ranked.
        scores: a function that returns the metrics of the examples' results as far as they are made.
    """

    def __init__(self, store: VoteStore, names: Sequence[str], scores: Callable[[], AllScores]) -> None:
        self.store, self.names, self._scores = store, tuple(names), scores
        self._counting = threading.Lock()
        self._known: dict[str, Tally] = {}

    def of(self, classroom: str = "") -> Tally:
        """Return the tally of a classroom, or of everybody; raise a ``StoreError`` if the votes cannot be read.

        While one thread counts anew, others get what is known.
        """
        known = self._known.get(classroom)
        if known is not None and (_is_fresh(known) or self._is_of_now(known) or self._counting.locked()):
            return known
        with self._counting:
            if (counted := self._known.get(classroom)) is not None and counted is not known:
                return counted  # another thread did it meanwhile
            made = self._count(classroom)
            self._known.pop(classroom, None)
            self._known[classroom] = made
            while len(self._known) > MOST_CLASSROOMS:
                self._known.pop(next(iter(self._known)))
            return made

    def fitted(self) -> Fit:
        """Return the ranking so far without intervals, by which the next pair is chosen."""
        ballots = self.of().ballots
        return fit(ballots.wins.sum(axis=0), ballots.ties.sum(axis=0))

    def _count(self, classroom: str) -> Tally:
        began = time.monotonic()
        last = self.store.last()
        ballots = count_ballots(self.store.votes(classroom=classroom), self.names)
        # Without enough votes nothing is said, and the many fits for the intervals would only make everybody wait.
        resamples = RESAMPLES if are_enough(ballots.count, len(ballots.wins)) else 0
        ranking = rank(ballots, resamples=resamples)
        known = self._scores()
        found = {
            metric: agreement(ballots, ranking, scores_of(known, field), higher_is_better=higher)
            for metric, (field, higher) in METRICS.items()
        }
        agreements = {metric: each for metric, each in found.items() if each is not None}
        now = time.monotonic()
        return Tally(last, ballots, ranking, agreements, len(known), now, now - began)

    def _is_of_now(self, tally: Tally) -> bool:
        return self.store.last() == tally.last and len(self._scores()) == tally.scored


def _is_fresh(tally: Tally) -> bool:
    longest = max(OLDEST, AT_LEAST * tally.seconds)
    return time.monotonic() - tally.made < min(max(LEAST_AGE, SHARE * tally.seconds), longest)


def count_of(number: int, what: str) -> str:
    """Return a number of things in words, such as "1 vote" or "1,200 votes"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def scores_of(known: AllScores, field: str) -> dict[tuple[str, str], float]:
    """Return one metric by photo and network, where it is known."""
    values = {key: getattr(scores, field) for key, scores in known.items()}
    return {key: float(value) for key, value in values.items() if value is not None}
