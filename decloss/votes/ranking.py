"""A ranking from votes on pairs: the model of Bradley and Terry with Davidson's ties, fitted by SciPy's optimiser.

With strengths s, network i is preferred to network j with the probability

    P(i > j) = e^{s_i} / (e^{s_i} + e^{s_j} + v e^{(s_i + s_j) / 2}),

and no difference is seen with the last term's share (Davidson, 1970). Intervals are bootstrapped over visitors, since
votes of one visitor resemble each other: a thousand votes of one person are not a thousand opinions.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from decloss.votes.visitors import Ballots

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
PRIOR = 0.1
"""The strength of the pull to zero: as if each strength were drawn from a normal distribution of variance 1 / PRIOR.

A network that won every pair would be infinitely strong without it."""
RESAMPLES = 300
LEVEL = 0.95
LEAST_VOTES, LEAST_VISITORS = 100, 5
"""With fewer votes or visitors than these, nothing is concluded."""


@dataclass(frozen=True)
class Fit:
    """The most probable strengths for some votes."""

    strengths: Array
    """(n,), with mean 0."""
    log_tie: float
    """The logarithm of v: how readily no difference is seen."""
    covariance: Array
    """(n, n): the uncertainty of ``strengths``, from the curvature at the maximum."""


@dataclass(frozen=True)
class Ranking:
    """The strengths of networks by visitors' eyes, with 95 % intervals over visitors."""

    names: tuple[str, ...]
    strengths: Array
    """(n,), with mean 0; a difference of 1 means odds of e to 1 among those who see a difference."""
    low: Array
    high: Array
    resampled: Array
    """(resamples, n): the strengths of each resample of visitors."""
    votes: int
    visitors: int
    careless: int

    @property
    def says_anything(self) -> bool:
        """Whether there are enough votes of enough visitors to conclude anything."""
        return are_enough(self.votes, self.visitors)


def are_enough(votes: int, visitors: int) -> bool:
    """Return whether so many votes of so many visitors say anything about the networks."""
    return votes >= LEAST_VOTES and visitors >= LEAST_VISITORS


def rank(ballots: Ballots, seed: int = 0, resamples: int = RESAMPLES) -> Ranking:
    """Fit the strengths to all ballots, and to resamples of their visitors for the intervals."""
    best = _optimum(ballots.wins.sum(axis=0), ballots.ties.sum(axis=0))
    fitted = _centred(best)
    visitors = len(ballots.wins)
    rng = np.random.default_rng(seed)
    drawn = [rng.multinomial(visitors, [1 / visitors] * visitors) for _ in range(resamples if visitors else 0)]
    resampled = np.array(
        [
            _centred(_optimum(np.tensordot(times, ballots.wins, 1), np.tensordot(times, ballots.ties, 1), best))
            for times in drawn
        ]
    ).reshape(-1, len(ballots.names))
    low, high = (
        np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        if len(resampled)
        else (np.full_like(fitted, -np.inf), np.full_like(fitted, np.inf))
    )
    return Ranking(ballots.names, fitted, low, high, resampled, ballots.count, visitors, ballots.careless)


def fit(wins: Array, ties: Array) -> Fit:
    """Return the most probable strengths.

    Args:
        wins: (n, n), how often i was preferred to j.
        ties: (n, n), symmetric, how often no difference was seen.
    """
    best = _optimum(wins, ties)
    covariance = np.linalg.inv(_curvature(best[:-1], float(best[-1]), wins, ties))
    return Fit(_centred(best), float(best[-1]), covariance.astype(np.float64))


def probabilities(first: Array, second: Array, log_tie: float) -> tuple[Array, Array, Array]:
    """Return the chances that the first is preferred, that the second is, and that no difference is seen."""
    half, tie = (first - second) / 2, np.exp(log_tie)  # both terms and the tie's, divided by e^{(s_i + s_j) / 2}
    largest = np.abs(half)
    up, down, equal = np.exp(half - largest), np.exp(-half - largest), tie * np.exp(-largest)
    total = up + down + equal
    return up / total, down / total, equal / total


def _centred(parameters: Array) -> Array:
    """Return the strengths without log v, with mean 0: only their differences have a meaning."""
    return parameters[:-1] - parameters[:-1].mean()


def _optimum(wins: Array, ties: Array, start: Array | None = None) -> Array:
    """Return the strengths and log v that are most probable, (n + 1,)."""
    first, second = np.triu_indices(len(wins), 1)
    counts = wins[first, second], wins[second, first], ties[first, second]
    start = np.zeros(len(wins) + 1) if start is None else start
    return np.asarray(scipy.optimize.minimize(_loss, start, (first, second, *counts), jac=True, method="L-BFGS-B").x)


def _loss(
    parameters: Array, first: Indices, second: Indices, up: Array, down: Array, equal: Array
) -> tuple[float, Array]:
    """Return minus the logarithm of the posterior, and its gradient by the strengths and log v.

    Args:
        parameters: the strengths and log v, (n + 1,).
        first: the first network of each pair, (pairs,).
        second: the second network of each pair.
        up: how often the first was preferred.
        down: how often the second was preferred.
        equal: how often no difference was seen.
    """
    win, lose, tie = probabilities(parameters[first], parameters[second], parameters[-1])
    tiny = np.finfo(np.float64).tiny
    seen = up @ np.log(win + tiny) + down @ np.log(lose + tiny) + equal @ np.log(tie + tiny)
    met = up + down + equal
    slope = (met * (win - lose) - (up - down)) / 2  # by half of the difference of the two strengths
    gradient = PRIOR * parameters
    np.add.at(gradient, first, slope)
    np.add.at(gradient, second, -slope)
    gradient[-1] += met @ tie - equal.sum()
    return float(PRIOR * (parameters @ parameters) / 2 - seen), gradient


def _curvature(s: Array, log_tie: float, wins: Array, ties: Array) -> Array:
    """Return the second derivatives of the loss by the strengths, (n, n)."""
    win, lose, _ = probabilities(s[:, None], s[None, :], log_tie)
    # Of the difference s_i - s_j alone: the variance of +1/2, -1/2 and 0 under the three outcomes.
    variance = (win + lose) / 4 - (win - lose) ** 2 / 4
    curved = np.triu((wins + wins.T + ties) * variance, 1)
    curved = curved + curved.T
    return np.diag(curved.sum(axis=1) + PRIOR) - curved
