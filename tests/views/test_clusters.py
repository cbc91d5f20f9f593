"""Clusters of a network's own, on points whose clusters are known."""

import numpy as np

from decloss.views.clusters import clusters, own_shares


def test_points_apart_from_all_others_are_a_cluster_and_points_among_others_are_none() -> None:
    rng = np.random.default_rng(0)
    hr = rng.uniform(-10, 10, (300, 2))
    apart = rng.normal(0, 0.2, (12, 2)) + (20, 20)
    among = hr[::25] + 0.01
    shares = own_shares(np.concatenate([hr, apart, among]), 300, 12, ["apart", "among"])
    assert shares["apart"] == 1 and shares["among"] < 0.1
    assert clusters(shares) == ["apart"]


def test_two_networks_that_answer_alike_share_a_cluster_which_is_neither_s_own() -> None:
    rng = np.random.default_rng(1)
    places = rng.normal(0, 1, (12, 2)) + (20, 20)
    points = np.concatenate([rng.uniform(-10, 10, (300, 2)), places, places + 0.01])
    shares = own_shares(points, 300, 12, ["first", "second"])
    assert all(0.2 < share < 0.5 for share in shares.values()) and clusters(shares) == []


def test_the_most_separate_comes_first() -> None:
    assert clusters({"a": 0.6, "b": 0.9, "c": 0.49}) == ["b", "a"]
