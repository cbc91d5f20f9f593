"""Known rankings are recovered from simulated votes, whoever else votes."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from decloss.votes.agreement import agreement
from decloss.votes.ranking import _curvature, _loss, fit, probabilities, rank
from decloss.votes.visitors import count_ballots
from decloss.votes.vote import Vote

NAMES = ("a", "b", "c", "d", "e")
TRUE = np.array([1.2, 0.6, 0.0, -0.6, -1.2])


def vote(visitor: int, left: str, right: str, choice: str, photo: str = "cat.png", place: str = "0,0,96") -> Vote:
    return Vote(1.0, f"{visitor:032x}", photo, place, left, right, choice, 900, "pair")


def votes_of(visitor: int, count: int, rng: np.random.Generator, strengths=TRUE, log_tie: float = -0.5) -> list[Vote]:
    """Votes as the model itself would give them, each on a place of its own."""
    given = []
    for number in range(count):
        i, j = rng.choice(len(NAMES), 2, replace=False)
        chances = [float(each) for each in probabilities(strengths[i], strengths[j], log_tie)]
        choice = str(rng.choice(["left", "right", "neither"], p=chances))
        given.append(vote(visitor, NAMES[i], NAMES[j], choice, place=f"{number},0,96"))
    return given


def attention_of(visitor: int, choices: list[str]) -> list[Vote]:
    return [vote(visitor, "a", "a", choice, place=f"{number},1,96") for number, choice in enumerate(choices)]


def test_the_model_gives_probabilities_and_ties_grow_with_v():
    first, second = np.array([0.0, 1.0, 800.0]), np.array([0.0, -1.0, -800.0])
    few, many = (np.stack(probabilities(first, second, log_tie)) for log_tie in (-3.0, 1.0))
    np.testing.assert_allclose(few.sum(axis=0), 1)
    assert (many[2, :2] > few[2, :2]).all() and few[0, 2] == 1
    # Davidson's property: with ties left aside, the odds are those of Bradley and Terry.
    np.testing.assert_allclose(few[0, 1] / few[1, 1], np.exp(2))


def test_gradient_and_curvature_are_those_of_the_loss():
    rng = np.random.default_rng(0)
    wins, ties = rng.integers(0, 9, (5, 5)).astype(float), rng.integers(0, 9, (5, 5)).astype(float)
    np.fill_diagonal(wins, 0)
    ties = np.triu(ties, 1) + np.triu(ties, 1).T
    at = rng.normal(size=6)
    pairs = np.triu_indices(5, 1)
    counts = (*pairs, wins[pairs], wins.T[pairs], ties[pairs])
    numeric = approx_fprime(at, lambda x: _loss(x, *counts)[0], 1e-6)
    np.testing.assert_allclose(_loss(at, *counts)[1], numeric, atol=1e-3)
    curved = approx_fprime(at, lambda x: _loss(x, *counts)[1], 1e-6)[:5, :5]
    np.testing.assert_allclose(_curvature(at[:5], at[5], wins, ties), curved, atol=1e-3)


def test_a_known_ranking_with_ties_is_recovered_and_lies_within_its_intervals():
    inside = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        votes = [v for visitor in range(40) for v in votes_of(visitor, 30, rng)]
        ranking = rank(count_ballots(votes, NAMES), resamples=100)
        assert [NAMES[i] for i in np.argsort(-ranking.strengths)] == list(NAMES)
        assert np.abs(ranking.strengths - TRUE).max() < 0.3
        inside += list((ranking.low < TRUE) & (ranking.high > TRUE))
    assert sum(inside) >= 25  # 28.5 of the 30 are expected of 95 % intervals
    assert ranking.says_anything and (ranking.votes, ranking.visitors) == (1200, 40)


def test_with_few_votes_nothing_is_said_and_no_votes_leave_all_equal():
    rng = np.random.default_rng(2)
    few = rank(count_ballots([v for visitor in range(4) for v in votes_of(visitor, 40, rng)], NAMES))
    assert few.votes > 100 and not few.says_anything  # four visitors
    none = rank(count_ballots([], NAMES))
    assert not none.says_anything and (none.strengths == 0).all() and np.isinf(none.low).all()


def test_a_network_that_wins_every_pair_stays_finite():
    ranking = rank(count_ballots([vote(v, "a", "b", "left") for v in range(30)], ("a", "b")))
    assert 1 < ranking.strengths[0] < 10


def test_careless_visitors_are_left_out_and_change_nothing():
    rng = np.random.default_rng(3)
    careful = [v for visitor in range(30) for v in votes_of(visitor, 30, rng) + attention_of(visitor, ["neither"] * 4)]
    careless = [
        v
        for visitor in range(30, 60)
        for v in votes_of(visitor, 30, rng, -TRUE * 3) + attention_of(visitor, ["left", "left", "neither", "right"])
    ]
    ballots = count_ballots(careful + careless, NAMES)
    assert ballots.careless == 30
    np.testing.assert_allclose(rank(ballots).strengths, rank(count_ballots(careful, NAMES)).strengths)


def test_one_who_votes_a_thousand_times_against_all_others_does_not_decide():
    rng = np.random.default_rng(4)
    honest = [v for visitor in range(30) for v in votes_of(visitor, 15, rng)]
    flood = votes_of(99, 1000, rng, -TRUE * 3)
    ranking = rank(count_ballots(honest + flood, NAMES))
    assert [NAMES[i] for i in np.argsort(-ranking.strengths)] == list(NAMES)
    each = fit(*(np.asarray(x) for x in _unweighted(honest + flood)))
    assert [NAMES[i] for i in np.argsort(-each.strengths)] != list(NAMES)  # the flood would have decided


def _unweighted(votes):
    wins, ties = np.zeros((5, 5)), np.zeros((5, 5))
    for v in votes:
        if v.preferred:
            wins[NAMES.index(v.preferred), NAMES.index(v.other)] += 1
        else:
            i, j = NAMES.index(v.left), NAMES.index(v.right)
            ties[i, j] += 1
            ties[j, i] += 1
    return wins, ties


def test_intervals_are_over_visitors_not_over_votes():
    """The same votes of few visitors, who each say the same again and again, are less certain than those of many."""
    rng = np.random.default_rng(5)
    tastes = [TRUE + rng.normal(scale=1.5, size=5) for _ in range(8)]
    few = [v for visitor, taste in enumerate(tastes) for v in votes_of(visitor, 50, rng, taste)]
    many = [v for visitor in range(80) for v in votes_of(visitor, 5, rng, TRUE + rng.normal(scale=1.5, size=5))]
    wide, narrow = (rank(count_ballots(votes, NAMES)) for votes in (few, many))
    assert wide.votes == narrow.votes == 400
    assert (wide.high - wide.low).mean() > 1.3 * (narrow.high - narrow.low).mean()


def test_a_second_answer_to_the_same_question_counts_for_attention_alone():
    votes = [vote(1, "a", "b", "left"), vote(1, "b", "a", "left"), vote(1, "a", "b", "left", photo="dog.png")]
    ballots = count_ballots(votes, ("a", "b"))
    assert ballots.count == 2 and ballots.wins[0].tolist() == [[0, 2], [0, 0]]


def test_networks_that_are_gone_and_finetunes_are_left_out():
    ballots = count_ballots([vote(1, "a", "mine-abc123", "left"), vote(1, "a", "b", "right")], ("a", "b"))
    assert ballots.count == 1 and ballots.wins.sum() == 1


def test_agreement_of_a_perfect_an_opposite_and_a_blind_metric():
    rng = np.random.default_rng(6)
    ballots = count_ballots([v for visitor in range(40) for v in votes_of(visitor, 25, rng, log_tie=-9.0)], NAMES)
    ranking = rank(ballots)
    scores = {("cat.png", name): value for name, value in zip(NAMES, TRUE, strict=True)}
    best = agreement(ballots, ranking, scores, higher_is_better=True)
    worst = agreement(ballots, ranking, scores, higher_is_better=False)
    blind = agreement(ballots, ranking, dict.fromkeys(scores, 1.0), higher_is_better=True)
    assert best is not None and worst is not None and blind is not None
    wins = [v.preferred < v.other for counted in ballots.votes for v in counted]  # an oracle of its own
    assert best.share == pytest.approx(np.mean(wins)) and worst.share == pytest.approx(1 - best.share)
    assert best.share_low < best.share < best.share_high and best.votes == 1000
    assert (best.tau, worst.tau) == (pytest.approx(1), pytest.approx(-1))
    assert blind.share == 0.5 and np.isnan(blind.tau)  # it has no order
    assert agreement(ballots, ranking, {}, higher_is_better=True) is None


def test_a_network_that_nobody_met_is_not_in_the_order_that_a_metric_is_compared_with():
    rng = np.random.default_rng(7)
    votes = [v for visitor in range(40) for v in votes_of(visitor, 25, rng) if "c" not in (v.left, v.right)]
    ballots = count_ballots(votes, NAMES)
    assert ballots.met.tolist() == [True, True, False, True, True]
    scores = {("cat.png", name): value for name, value in zip(NAMES, (5.0, 4.0, 9.0, 2.0, 1.0), strict=True)}
    found = agreement(ballots, rank(ballots, resamples=20), scores, higher_is_better=True)
    assert found is not None and found.tau == found.tau_low == pytest.approx(1)  # the metric is wrong about c alone


def test_no_difference_counts_as_half_in_the_share():
    ballots = count_ballots([vote(1, "a", "b", "neither")], ("a", "b"))
    found = agreement(ballots, rank(ballots), {("cat.png", "a"): 1.0, ("cat.png", "b"): 2.0}, higher_is_better=True)
    assert found is not None and found.share == 0.5
