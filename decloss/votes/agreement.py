"""How far metrics agree with visitors' eyes: shares of pairs, as LPIPS's paper reports them, and Kendall's tau."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from decloss.votes.ranking import LEVEL, RESAMPLES, Ranking
from decloss.votes.visitors import Ballots

Scores = Mapping[tuple[str, str], float]
"""A metric's value by photo and network."""


@dataclass(frozen=True)
class Agreement:
    """How far one metric agrees with the eyes of visitors, with 95 % intervals over visitors."""

    share: float
    """The share of votes that the metric would have given too (2AFC); "no difference" counts as half. Chance is 0.5."""
    share_low: float
    share_high: float
    votes: int
    """The votes that it rests on: those for whose pictures the metric has values."""
    tau: float
    """Kendall's tau between the ranking by eye and by the metric's mean: 1 is the same order, -1 the opposite.

    NaN if the metric gives all networks the same value."""
    tau_low: float
    tau_high: float


def agreement(
    ballots: Ballots, ranking: Ranking, scores: Scores, *, higher_is_better: bool, seed: int = 0
) -> Agreement | None:
    """Compare a metric with the ballots and with the ranking fitted to them; None if it has no values for any vote."""
    sign = 1 if higher_is_better else -1
    weights = ballots.weights()
    agreed, total, votes = np.zeros(len(weights)), np.zeros(len(weights)), 0
    for visitor, counted in enumerate(ballots.votes):
        for vote in counted:
            left, right = (scores.get((vote.photo, name), math.nan) for name in (vote.left, vote.right))
            if math.isnan(left) or math.isnan(right):
                continue
            votes += 1
            total[visitor] += weights[visitor]
            favours = np.sign(sign * (left - right)) * {"left": 1, "right": -1, "neither": 0}[vote.choice]
            agreed[visitor] += weights[visitor] * (1 + favours) / 2
    if not votes:
        return None
    drawn = np.random.default_rng(seed).multinomial(len(weights), [1 / len(weights)] * len(weights), RESAMPLES)
    totals = drawn @ total
    shares = (drawn @ agreed)[totals > 0] / totals[totals > 0]
    means = {position: mean_of(scores, ranking.names[position]) for position in np.flatnonzero(ballots.met)}
    known = [position for position, mean in means.items() if mean is not None]
    metric = [sign * mean for mean in means.values() if mean is not None]
    tau = _tau(ranking.strengths[known], metric)
    taus = [_tau(strengths[known], metric) for strengths in ranking.resampled]
    return Agreement(
        float(agreed.sum() / total.sum()), *_interval(shares), votes, tau, *_interval(np.asarray(taus or [tau]))
    )


def mean_of(scores: Scores, name: str) -> float | None:
    """Return a metric's mean over the photos for one network; None where it has no values."""
    values = [value for (_, network), value in scores.items() if network == name and math.isfinite(value)]
    return sum(values) / len(values) if values else None


def _tau(strengths: NDArray[np.float64], metric: list[float]) -> float:
    return float(scipy.stats.kendalltau(strengths, metric).statistic)


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
