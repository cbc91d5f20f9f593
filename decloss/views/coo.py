"""What the COO tab computes: mini-patches of some ground truths, their true distances, ICOO, and data to draw them."""

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
"""The number of ground truths in a crop."""
Load = Callable[[str], nn.Module]
"""A function that loads a network by name; it raises a ``CheckpointError`` if the file is damaged or gone."""


@dataclass(frozen=True)
class CooSettings:
    """Which mini-patches are cut, and what of them is compared."""

    names: tuple[str, ...]
    """The names of the checkpoints."""
    size: int
    """P, the side of a mini-patch in pixels."""
    count: int
    """The most HR mini-patches."""
    neighbours: int
    """How many nearest HR mini-patches the centre is the mean of; fewer where a ground truth has fewer candidates."""
    share: float | None
    """The width mu as a share of the crop's side; None for raw vectors."""
    rule: str
    """The rule by which ground truths are chosen: see ``choose_truths``."""
    seed: int

    def key(self, scene: Scene) -> str:
        """Return a key that is equal for settings and scenes with equal vectors to project."""
        what = (self.names, self.size, self.count, self.share, self.rule, self.seed)
        place = (scene.around.shape, scene.top, scene.left, scene.side)  # networks see the surroundings of HR, too
        return hashlib.sha256(repr((what, place)).encode() + scene.around.tobytes()).hexdigest()


@dataclass(frozen=True)
class MiniPatches:
    """The mini-patches of one crop, and the pictures that they were cut from."""

    among: Neighbourhood
    results: dict[str, RGBArray]
    """The picture that each checkpoint makes of the crop, (side, side, 3)."""
    failed: dict[str, str]
    """The checkpoints that are missing, each with the reason."""


@dataclass(frozen=True)
class CooMeasures(MiniPatches):
    """The mini-patches of one crop, and all numbers about them."""

    distances: dict[str, Distances]
    """The true distances of each checkpoint."""
    own: Distances
    """The true distances of HR itself: each ground truth among the same candidates."""
    icoo: dict[str, float]
    """The ICOO of each checkpoint for the whole crop, in dB."""
    floor: float
    """The ICOO of HR against itself, in dB."""


def run_networks(load: Load, scene: Scene, names: Sequence[str]) -> Iterator[str]:
    """Run each network that has not seen the crop; yield its name before, as the caller may stop if nobody waits."""
    for name in names:
        if not scene.has(name):
            yield name
            with suppress(CheckpointError):  # cut_mini_patches tells which ones failed
                scene.sr(name, load)


def cut_mini_patches(load: Load, scene: Scene, settings: CooSettings) -> MiniPatches:
    """Return the mini-patches that ``settings`` ask for; a network that has not seen the crop yet is run."""
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
    """Return the mini-patches that ``settings`` ask for, with their true distances and ICOO."""
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
    """Return what the page's canvas draws: all mini-patches as they look, and the map if there are ``points``."""
    among = found.among
    at_places = cut_pixels(scene.hr, among.places, among.size)
    series = []
    for name, distances in found.distances.items():
        order = distances.order.numpy()
        centres = at_places[order].mean(axis=1).round().astype(np.uint8)  # (k, P, P, 3)
        table = torch.stack([distances.nearest, distances.centre, distances.truth], dim=1).numpy()
        series.append(Series(name, cut_pixels(found.results[name], among.truths, among.size), centres, order, table))
    return embedding_data(scene.hr, among.size, among.places, among.truths, series, points)
