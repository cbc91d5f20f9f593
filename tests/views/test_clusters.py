"""Clusters of a network's own, on points whose clusters are known."""

import numpy as np

from decloss.views.clusters import Shares, clusters, network_shares, together


def test_points_apart_from_all_others_are_a_cluster_and_points_among_others_are_none() -> None:
    rng = np.random.default_rng(0)
    hr = rng.uniform(-10, 10, (300, 2))
    apart = rng.normal(0, 0.2, (12, 2)) + 20
    among = hr[::25] + 0.01
    shares = network_shares(np.concatenate([hr, apart, among]), 300, 12, ["apart", "among"])
    assert shares["apart"] == Shares(1, 1) and shares["among"].any < 0.1
    assert clusters(shares) == ["apart"] and together(shares) == []


def test_two_networks_that_answer_alike_lie_together_in_a_cluster_of_neither_s_own() -> None:
    rng = np.random.default_rng(1)
    places = rng.normal(0, 1, (12, 2)) + 20
    points = np.concatenate([rng.uniform(-10, 10, (300, 2)), places, places + 0.01])
    shares = network_shares(points, 300, 12, ["first", "second"])
    assert all(0.2 < each.own < 0.5 and each.any == 1 for each in shares.values())
    assert clusters(shares) == [] and together(shares) == ["first", "second"]


def test_the_most_separate_comes_first() -> None:
    assert clusters({"a": Shares(0.6, 1), "b": Shares(0.9, 1), "c": Shares(0.49, 1)}) == ["b", "a"]
