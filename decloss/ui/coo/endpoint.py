"""The API's function ``coo``: where networks' mini-patches lie among those of HR, on a map and in true distances."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Literal, TypedDict

from gradio.data_classes import FileData

from decloss.host.steps import Steps
from decloss.ui.coo.controls import Controls
from decloss.ui.parts.checks import said_to_visitor
from decloss.ui.parts.controls import checked
from decloss.ui.parts.parameters import with_parameters
from decloss.ui.parts.tab import Networks
from decloss.ui.photo.endpoint import read_scene
from decloss.views.coo import CooMeasures, compute_coo
from decloss.views.neighbourhood import Distances
from decloss.views.projection import Projection, ProjectionError, project

Points = list[list[float]]
EVERY = 0.5
"""The seconds between two answers while t-SNE runs; after each answer Gradio checks whether anyone still waits."""


class Places(TypedDict):
    """The places of mini-patches in the crop as (top, left) in pixels."""

    hr: list[list[int]]
    ground_truths: list[list[int]]


class CooMap(TypedDict):
    """The map that t-SNE made, with the (x, y) of each mini-patch."""

    hr: Points
    ground_truths: Points
    results: dict[str, Points]
    """The points of each checkpoint, one for each ground truth."""
    trustworthiness: float
    """The trustworthiness in [0, 1]: 1 if all neighbours on the map are neighbours in truth."""


class MeanDistances(TypedDict):
    """L2 distances, each a mean over the ground truths."""

    nearest: float
    """The distance to the nearest HR mini-patch."""
    centre: float
    """The distance to the mean of the nearest HR mini-patches."""
    ground_truth: float
    ratio: float | None
    """The distance to the centre divided by the distance to the nearest; None where the latter is zero."""
    between: int
    """The number of ground truths whose result is nearer to the centre than to any single HR mini-patch."""


class Coo(TypedDict):
    """Everything that the COO tab shows."""

    side: int
    """The side of the crop in pixels."""
    places: Places
    map: CooMap | None
    """The map, which is None until it is computed; everything else is there from the first answer on."""
    progress: float
    """The share of the map that is done, in [0, 1]."""
    distances: dict[str, MeanDistances]
    """The distances of each checkpoint."""
    distances_of_hr: MeanDistances
    """The distances of HR itself among the same neighbours, to compare the others with."""
    icoo: dict[str, float | None]
    """The ICOO of each checkpoint in dB, Eq. (11); lower is better. None where plain places match exactly: infinite."""
    icoo_floor: float | None
    """The ICOO of HR against itself in dB, or None likewise."""
    failed: dict[str, str]
    """The checkpoints that did not run, each with the reason."""


def make_coo(networks: Networks) -> Callable[..., Any]:
    """Return the function of the API for the checkpoints of ``networks``."""

    @with_parameters(Controls)
    def coo(
        photo: FileData,
        checkpoints: list[str],
        x: float = 50.0,
        y: float = 50.0,
        perplexity: float = Controls.perplexity,
        seed: int = Controls.seed,
        number: int = Controls.count,
        patch_size: int = Controls.size,
        vectors: Literal["Enhanced", "Raw"] = "Enhanced",
        mu: float = Controls.share,
        neighbours: int = Controls.neighbours,
        ground_truths: Literal["Most detail lost", "At random"] = "Most detail lost",
    ) -> Iterator[Coo]:
        """Map mini-patches of a crop of a photo and what networks make of them (Fig. 2), with true distances and ICOO.

        Args:
            photo: the original, an image file of at least 64 pixels a side.
            checkpoints: one to six names of the Compare tab.
            x: the middle of the crop, per cent from the left.
            y: the middle of the crop, per cent from the top.
            perplexity: of t-SNE, {perplexity}.
            seed: of t-SNE and of all drawing, {seed}.
            number: HR mini-patches on the map, {count}.
            patch_size: P, pixels a side of a mini-patch, {size}.
            vectors: what is compared, mini-patches as they are or after high-frequency enhancement.
            mu: width of the frequency mask as a share of the crop's side, {share}; for enhanced vectors.
            neighbours: how many nearest HR mini-patches the centre is the mean of, {neighbours}.
            ground_truths: the twelve where HR and bicubic differ most, or twelve drawn with the seed.

        Returns:
            coo: the map's points, true distances, ICOO of each checkpoint and its floor; the points come last.
        """
        chosen = checked(
            Controls,
            {"models": networks.names},
            models=checkpoints,
            size=f"{patch_size:g}" if isinstance(patch_size, float) else str(patch_size),
            count=number,
            neighbours=neighbours,
            space=vectors,
            share=mu,
            rule=ground_truths,
            seed=seed,
            perplexity=perplexity,
        )
        scene = read_scene(photo, x, y)
        found = compute_coo(networks.load, scene, chosen.settings)
        so_far: Coo = {
            "side": scene.side,
            "places": {"hr": found.among.places.tolist(), "ground_truths": found.among.truths.tolist()},
            "map": None,
            "progress": 0.0,
            "distances": {name: _means(distances) for name, distances in found.distances.items()},
            "distances_of_hr": _means(found.own),
            "icoo": {name: _finite(score) for name, score in found.icoo.items()},
            "icoo_floor": _finite(found.floor),
            "failed": found.failed,
        }
        yield so_far
        said = time.monotonic()
        steps = Steps(project(found.among.vectors, chosen.perplexity, chosen.seed))
        with said_to_visitor(ProjectionError), closing(steps) as run:
            for progress in run:
                if time.monotonic() - said >= EVERY:
                    yield {**so_far, "progress": progress.share}
                    said = time.monotonic()
            projection = run.result
        yield {**so_far, "map": _map(found, projection), "progress": 1.0}

    return coo


def _map(found: CooMeasures, projection: Projection) -> CooMap:
    """Return the map of ``projection``, whose points come in the order of ``Neighbourhood.vectors``."""
    places, truths = len(found.among.places), len(found.among.truths)
    points: Points = projection.points.tolist()
    first = places + truths
    return {
        "hr": points[:places],
        "ground_truths": points[places:first],
        "results": {
            name: points[first + k * truths : first + (k + 1) * truths] for k, name in enumerate(found.among.sr)
        },
        "trustworthiness": projection.trustworthiness,
    }


def _finite(score: float) -> float | None:
    """Return an ICOO, or None for an infinite one, which JSON cannot say."""
    return score if math.isfinite(score) else None


def _means(distances: Distances) -> MeanDistances:
    return {
        "nearest": float(distances.nearest.mean()),
        "centre": float(distances.centre.mean()),
        "ground_truth": float(distances.truth.mean()),
        "ratio": None if math.isnan(distances.ratio) else distances.ratio,
        "between": distances.between,
    }
