"""The next pair is the one that tells most, with tests of attention among them."""

import numpy as np
from scipy.stats import kendalltau

from decloss.votes.pairing import EVERY, Question, information, next_question
from decloss.votes.ranking import fit, probabilities

NAMES = ("a", "b", "c", "d")
PHOTOS = ("cat.png", "dog.png")
NOTHING = fit(np.zeros((4, 4)), np.zeros((4, 4)))


def ask(count: int, fitted=NOTHING, seed: int = 0) -> list[Question]:
    rng, asked = np.random.default_rng(seed), []
    for _ in range(count):
        asked.append(next_question(len(asked), asked, PHOTOS, NAMES, fitted, rng))
    return asked


def test_every_eight_rounds_have_an_identical_pair_and_a_repeat_with_sides_swapped():
    asked = ask(40)
    for start in range(0, 40, EVERY):
        assert asked[start + EVERY - 1].left == asked[start + EVERY - 1].right
        again = asked[start + EVERY // 2 - 1]
        assert Question(again.photo, again.right, again.left) in asked[: start + EVERY // 2 - 2]
    others = [q for n, q in enumerate(asked) if n % EVERY not in (EVERY // 2 - 1, EVERY - 1)]
    assert all(q.left != q.right for q in others)


def test_both_sides_and_all_photos_are_used_alike():
    asked = [q for seed in range(20) for q in ask(16, seed=seed)]
    left = np.mean([q.left < q.right for q in asked if q.left != q.right])
    assert 0.4 < left < 0.6
    assert 0.4 < np.mean([q.photo == "cat.png" for q in asked]) < 0.6


def test_the_pair_comes_where_the_ranking_is_least_certain():
    wins = np.zeros((4, 4))
    for i, j in ((0, 1), (0, 2), (1, 2)):  # d was never shown
        wins[i, j] = wins[j, i] = 50
    fitted = fit(wins, np.zeros((4, 4)))
    firsts = {frozenset((q.left, q.right)) for q in (ask(1, fitted, seed)[0] for seed in range(20))}
    assert all("d" in pair for pair in firsts)


def test_a_clear_winner_is_not_asked_for_again():
    wins = np.full((4, 4), 5.0) - np.diag([5.0] * 4)
    wins[0, 3], wins[3, 0] = 400, 0
    fitted = fit(wins, np.zeros((4, 4)))
    assert information(fitted, 1, 2) > 3 * information(fitted, 0, 3)


def test_information_is_that_of_the_model():
    """Against the definition: variance of the score, the derivative of the log-probability by the difference."""
    rng = np.random.default_rng(1)
    wins = rng.integers(1, 9, (4, 4)).astype(float)
    fitted = fit(wins, np.zeros((4, 4)))
    s, step = fitted.strengths, 1e-5
    chances = np.array(probabilities(s[0], s[1], fitted.log_tie))
    up = np.log(probabilities(s[0] + step / 2, s[1] - step / 2, fitted.log_tie))
    down = np.log(probabilities(s[0] - step / 2, s[1] + step / 2, fitted.log_tie))
    fisher = (chances * ((up - down) / (2 * step)) ** 2).sum()
    difference = np.array([1, -1, 0, 0])
    np.testing.assert_allclose(
        information(fitted, 0, 1), fisher * (difference @ fitted.covariance @ difference), rtol=1e-4
    )


def test_chosen_pairs_find_the_order_sooner_than_random_ones():
    """A simulated crowd whose next pair is chosen by what is known so far, against as many votes on random pairs."""
    names, true = tuple("abcdefgh"), np.linspace(1.5, -1.5, 8)
    taus: dict[str, list[float]] = {"chosen": [], "random": []}
    for seed in range(12):
        for way, found in taus.items():
            rng = np.random.default_rng(seed)
            wins, ties = np.zeros((8, 8)), np.zeros((8, 8))
            for _ in range(100):
                if way == "chosen":
                    question = next_question(0, [], PHOTOS, names, fit(wins, ties), rng)
                    i, j = names.index(question.left), names.index(question.right)
                else:
                    i, j = rng.choice(8, 2, replace=False)
                outcome = rng.choice(3, p=[float(p) for p in probabilities(true[i], true[j], -1.0)])
                wins[i, j] += outcome == 0
                wins[j, i] += outcome == 1
                ties[i, j] += outcome == 2
                ties[j, i] += outcome == 2
            found.append(kendalltau(fit(wins, ties).strengths, true).statistic)
    assert np.mean(taus["chosen"]) > np.mean(taus["random"])
