"""What the COO tab computes: mini-patches of some ground truths, their true distances, ICOO, and their data to draw."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from decloss.dec import mu_from_fraction
from decloss.figures.embedding import Points, Series, embedding_data
from decloss.files.images import RGBArray
from decloss.metrics import icoo
from decloss.pixels import to_tensor
from decloss.views.neighbourhood import (
    Distances,
    Neighbourhood,
    choose_candidates,
    choose_truths,
    cut_neighbourhood,
    cut_pixels,
    true_distances,
)
from decloss.views.scene import Scene
from decloss.zoo.checkpoint import CheckpointError
from decloss.zoo.registry import BICUBIC

TRUTHS = 12
"""Ground truths of a place."""
Load = Callable[[str], nn.Module]
"""A checkpoint's network by name; raises ``CheckpointError`` where its file is damaged or gone."""


@dataclass(frozen=True)
class CooSettings:
    """Which mini-patches are cut, and what is compared."""

    names: tuple[str, ...]
    """Of the checkpoints."""
    size: int
    """P, the side of a mini-patch in pixels."""
    count: int
    """HR mini-patches, at most."""
    neighbours: int
    """Nearest HR mini-patches whose mean is the centre; fewer where a ground truth has fewer candidates."""
    share: float | None
    """mu as a share of the crop's side; None for raw vectors."""
    rule: str
    """How the ground truths are chosen: see ``choose_truths``."""
    seed: int

    def key(self, scene: Scene) -> str:
        """Equal for equal vectors to project."""
        what = (self.names, self.size, self.count, self.share, self.rule, self.seed, scene.side)
        return hashlib.sha256(repr(what).encode() + scene.hr.tobytes()).hexdigest()


@dataclass(frozen=True)
class MiniPatches:
    """The mini-patches of one place, and the pictures that they were cut from."""

    among: Neighbourhood
    results: dict[str, RGBArray]
    """Checkpoint -> what it makes of the crop, (side, side, 3)."""
    failed: dict[str, str]
    """Checkpoint -> why it is missing."""


@dataclass(frozen=True)
class CooMeasures(MiniPatches):
    """The mini-patches of one place and all numbers about them."""

    distances: dict[str, Distances]
    """By checkpoint."""
    own: Distances
    """Of HR itself: each ground truth among the same candidates."""
    icoo: dict[str, float]
    """By checkpoint, dB, of the whole crop."""
    floor: float
    """ICOO of HR against itself."""


def run_networks(load: Load, scene: Scene, names: Sequence[str]) -> Iterator[str]:
    """Run each network that has not seen the place yet, and yield its name before: nobody may wait for it any more."""
    for name in names:
        if not scene.has(name):
            yield name
            with suppress(CheckpointError):  # cut_mini_patches says which
                scene.sr(name, load)


def cut_mini_patches(load: Load, scene: Scene, settings: CooSettings) -> MiniPatches:
    """The mini-patches that ``settings`` ask for; a network that has not seen the place yet is run."""
    results: dict[str, RGBArray] = {}
    failed: dict[str, str] = {}
    for name in settings.names:
        try:
            results[name] = scene.sr(name, load)
        except CheckpointError:
            failed[name] = "cannot be used: its file is damaged"
    blurred = scene.sr(BICUBIC, load)
    truths = choose_truths(scene.hr, blurred, settings.size, TRUTHS, settings.rule, settings.seed)
    places = choose_candidates(scene.hr.shape, truths, settings.size, settings.count, settings.seed)
    mu = None if settings.share is None else mu_from_fraction(settings.share, scene.side)
    among = cut_neighbourhood(scene.hr, results, truths, places, settings.size, mu)
    return MiniPatches(among, results, failed)


def compute_coo(load: Load, scene: Scene, settings: CooSettings) -> CooMeasures:
    """The mini-patches that ``settings`` ask for, their true distances, and ICOO."""
    cut = cut_mini_patches(load, scene, settings)
    among, results = cut.among, cut.results
    fewest = int(among.candidates.sum(dim=1).min())
    distances = {
        name: true_distances(among, vectors, min(settings.neighbours, fewest))
        for name, vectors in {**among.sr, "": among.truth}.items()
    }
    hr = to_tensor(scene.hr)
    scores = {name: icoo(to_tensor(pixels), hr).item() for name, pixels in results.items()}
    own = distances.pop("")
    return CooMeasures(among, results, cut.failed, distances, own, scores, icoo(hr, hr).item())


def coo_map_data(scene: Scene, found: CooMeasures, points: Points | None) -> dict[str, Any]:
    """What the canvas draws: all mini-patches as they look, and the map where there are ``points``."""
    among = found.among
    at_places = cut_pixels(scene.hr, among.places, among.size)
    series = []
    for name, distances in found.distances.items():
        order = distances.order.numpy()
        centres = at_places[order].mean(axis=1).round().astype(np.uint8)  # (k, P, P, 3)
        table = torch.stack([distances.nearest, distances.centre, distances.truth], dim=1).numpy()
        series.append(Series(name, cut_pixels(found.results[name], among.truths, among.size), centres, order, table))
    return embedding_data(scene.hr, among.size, among.places, among.truths, series, points)
