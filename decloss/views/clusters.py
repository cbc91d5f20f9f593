"""Whether a network's mini-patches form a cluster of their own on a map, by who their nearest neighbours are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
"""The number of a point's nearest points that are looked at."""
CLUSTER = 0.5
"""The share of neighbours of the same network from which on its points are called a cluster of their own."""


def own_shares(points: NDArray[np.floating], others: int, picked: int, names: Sequence[str]) -> dict[str, float]:
    """Return for each network which share of the nearest neighbours of its points are its own, in [0, 1].

    Args:
        points: (others + picked * len(names), 2), the networks' points last, as ``Neighbourhood.vectors`` has them.
        others: the number of points before the networks': HR mini-patches and ground truths.
        picked: the number of points of each network.
        names: the networks.
    """
    owner = np.concatenate([np.full(others, -1), np.repeat(np.arange(len(names)), picked)])  # (n,)
    shares = {}
    for number, name in enumerate(names):
        own = np.flatnonzero(owner == number)  # (picked,)
        far = np.linalg.norm(points[own, None] - points[None], axis=2)  # (picked, n)
        far[np.arange(picked), own] = np.inf
        nearest = np.argsort(far, axis=1, kind="stable")[:, :NEIGHBOURS]  # (picked, NEIGHBOURS)
        shares[name] = float((owner[nearest] == number).mean())
    return shares


def clusters(shares: dict[str, float]) -> list[str]:
    """Return the networks whose points form a cluster of their own, the most separate one first."""
    return sorted((name for name, share in shares.items() if share >= CLUSTER), key=lambda name: -shares[name])
