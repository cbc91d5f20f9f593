"""Whether a network's mini-patches form a cluster of their own on a map, by who their nearest neighbours are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
"""The number of a point's nearest points that are looked at."""
CLUSTER = 0.5
"""The share of neighbours of the same network from which on its points are called a cluster of their own."""


@dataclass(frozen=True)
class Shares:
    """Who the nearest neighbours of a network's points are, as shares of all these neighbours, in [0, 1]."""

    own: float
    """The share of neighbours that are points of the same network."""
    any: float
    """The share of neighbours that are points of any network, the same one included."""


def network_shares(points: NDArray[np.floating], others: int, picked: int, names: Sequence[str]) -> dict[str, Shares]:
    """Return for each network which shares of the nearest neighbours of its points are its own and any network's.

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
        nearest = owner[np.argsort(far, axis=1, kind="stable")[:, :NEIGHBOURS]]  # (picked, NEIGHBOURS)
        shares[name] = Shares(float((nearest == number).mean()), float((nearest >= 0).mean()))
    return shares


def clusters(shares: Mapping[str, Shares]) -> list[str]:
    """Return the networks whose points form a cluster of their own, the most separate one first."""
    return sorted((name for name, each in shares.items() if each.own >= CLUSTER), key=lambda name: -shares[name].own)


def together(shares: Mapping[str, Shares]) -> list[str]:
    """Return the networks whose points lie among the networks' rather than among HR, but are no cluster alone."""
    return [name for name, each in shares.items() if each.any >= CLUSTER > each.own]
