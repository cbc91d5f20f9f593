"""What the COO tab computes: the neighbourhood of some ground truths, its distances, ICOO, and their data to draw."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from decloss.dec import mu_from_fraction
from decloss.figures.embedding import MARKS, Points, Series, embedding_data
from decloss.files.images import RGBArray
from decloss.metrics import icoo
from decloss.pixels import to_tensor
from decloss.ui.parts.checks import check_choice, check_choices, check_count, check_number
from decloss.ui.parts.tab import Networks
from decloss.views.neighbourhood import (
    RULES,
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
SIZES = ("4", "8", "16")
RAW, ENHANCED = "Raw", "Enhanced"
SPACES = (ENHANCED, RAW)
COUNTS, NEIGHBOURS, SHARES, SEEDS = (200, 3000), (2, 32), (0.05, 1.0), (0, 9999)
MOST = len(MARKS)
"""Checkpoints at a time: as many as there are marks."""


@dataclass(frozen=True)
class Settings:
    """What a visitor chose, checked."""

    names: tuple[str, ...]
    size: int
    count: int
    neighbours: int
    share: float | None
    """mu by the crop's side; None for raw vectors."""
    rule: str
    seed: int

    def key(self, scene: Scene) -> str:
        """Equal for equal vectors to project."""
        what = (self.names, self.size, self.count, self.share, self.rule, self.seed, scene.side)
        return hashlib.sha256(repr(what).encode() + scene.hr.tobytes()).hexdigest()


@dataclass(frozen=True)
class Look:
    """Everything about one place but the map."""

    among: Neighbourhood
    results: dict[str, RGBArray]
    distances: dict[str, Distances]
    """By checkpoint."""
    own: Distances
    """Of HR itself: each ground truth among the same candidates."""
    icoo: dict[str, float]
    floor: float
    """ICOO of HR against itself."""
    failed: dict[str, str]
    """Checkpoint -> why it is missing."""


def check_settings(
    networks: Networks,
    names: Any,
    size: Any,
    count: Any,
    neighbours: Any,
    space: Any,
    share: Any,
    rule: Any,
    seed: Any,
) -> Settings:
    """The values of the controls, or a ``gr.Error`` that says which is wrong."""
    chosen = check_choices(names, "the checkpoints", networks.names)
    check_count(len(chosen), "The number of checkpoints", 1, MOST)
    share = check_number(share, "μ", *SHARES)
    return Settings(
        tuple(chosen),
        int(check_choice(size, "The size of the mini-patches", SIZES)),
        check_count(count, "The number of HR mini-patches", *COUNTS),
        check_count(neighbours, "The number of neighbours", *NEIGHBOURS),
        share if check_choice(space, "The vectors", SPACES) == ENHANCED else None,
        check_choice(rule, "The choice of ground truths", RULES),
        check_count(seed, "The seed", *SEEDS),
    )


def run_networks(networks: Networks, scene: Scene, settings: Settings) -> Iterator[str]:
    """Run each network that has not seen the place yet, and yield its name before: nobody may wait for it any more."""
    for name in settings.names:
        if not scene.has(name):
            yield name
            with suppress(CheckpointError):  # find says which
                scene.sr(name, networks.load)


def find(
    networks: Networks, scene: Scene, settings: Settings
) -> tuple[Neighbourhood, dict[str, RGBArray], dict[str, str]]:
    """The neighbourhood, the results by checkpoint, and the checkpoints that gave none with the reason."""
    results: dict[str, RGBArray] = {}
    failed: dict[str, str] = {}
    for name in settings.names:
        try:
            results[name] = scene.sr(name, networks.load)
        except CheckpointError:
            failed[name] = "cannot be used: its file is damaged"
    blurred = scene.sr(BICUBIC, networks.load)
    truths = choose_truths(scene.hr, blurred, settings.size, TRUTHS, settings.rule, settings.seed)
    places = choose_candidates(scene.hr.shape, truths, settings.size, settings.count, settings.seed)
    mu = None if settings.share is None else mu_from_fraction(settings.share, scene.side)
    return cut_neighbourhood(scene.hr, results, truths, places, settings.size, mu), results, failed


def look(networks: Networks, scene: Scene, settings: Settings) -> Look:
    """Everything about the place but the map."""
    among, results, failed = find(networks, scene, settings)
    fewest = int(among.candidates.sum(dim=1).min())
    distances = {
        name: true_distances(among, vectors, min(settings.neighbours, fewest))
        for name, vectors in {**among.sr, "": among.truth}.items()
    }
    hr = to_tensor(scene.hr)
    scores = {name: icoo(to_tensor(pixels), hr).item() for name, pixels in results.items()}
    own = distances.pop("")
    return Look(among, results, distances, own, scores, icoo(hr, hr).item(), failed)


def draw(scene: Scene, found: Look, points: Points | None) -> dict[str, Any]:
    """The data of the canvas, with the map if there is one."""
    among = found.among
    at_places = cut_pixels(scene.hr, among.places, among.size)
    series = []
    for name, distances in found.distances.items():
        order = distances.order.numpy()
        centres = at_places[order].mean(axis=1).round().astype(np.uint8)  # (k, P, P, 3)
        table = torch.stack([distances.nearest, distances.centre, distances.truth], dim=1).numpy()
        series.append(Series(name, cut_pixels(found.results[name], among.truths, among.size), centres, order, table))
    return embedding_data(scene.hr, among.size, among.places, among.truths, series, points)
