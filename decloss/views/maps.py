"""Finished maps of mini-patches, shared by all visitors: what was embedded once is not embedded again.

A map is known by everything that it was made of, the checkpoints' weights included, so that one of other weights is
never shown. The map with which the COO tab opens is made after the app's start, and kept in a file for the next one.
"""

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from decloss.figures.embedding import Points
from decloss.files.atomic import write_atomically
from decloss.host.steps import Steps
from decloss.views.coo import CooSettings, Load, cut_mini_patches, run_networks
from decloss.views.projection import Progress, project
from decloss.views.scene import Scene

logger = logging.getLogger(__name__)

MOST = 64
"""The number of maps that are kept in memory, those that were asked for last; one takes about 30 kB."""
MOST_ANSWERS = 16
"""The number of a map's answers that are kept in memory, which take about 0.3 MB each."""
FORMAT = 1
"""The version of the files; a file of another one is made anew."""


@dataclass(frozen=True)
class CooMap:
    """A finished map, and how it was made."""

    points: Points
    """The places on the map, in the order of ``Neighbourhood.vectors``."""
    trustworthiness: float
    seconds: float
    """How long it took, the networks included."""


def map_key(settings: CooSettings, scene: Scene, perplexity: float, weights: Mapping[str, str]) -> str:
    """Return a key that is equal only for maps of the same vectors, from the same weights, made in the same way."""
    what = (FORMAT, settings.key(scene), float(perplexity), settings.seed, sorted(weights.items()))
    return hashlib.sha256(repr(what).encode()).hexdigest()


class MapStore:
    """The maps that were made, and the one that is being made for all visitors.

    Args:
        folder: where the map with which the tab opens is kept; None keeps it in memory alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._maps: OrderedDict[str, CooMap] = OrderedDict()
        self._made: dict[str, Progress] = {}
        self._answers: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: str, count: int | None = None) -> CooMap | None:
        """Return the map of that key, from memory or from its file; None if there is none of ``count`` points.

        A map may lack a network whose file could not be read when it was made.
        """
        with self._lock:
            found = self._maps.get(key)
            if found is not None:
                self._maps.move_to_end(key)
        if found is None:
            found = self._read(key)
            if found is not None:
                self.put(key, found)
        return None if found is None or count not in (None, len(found.points)) else found

    def put(self, key: str, made: CooMap) -> None:
        """Keep a map in memory, in place of the one that was not asked for the longest."""
        with self._lock:
            self._maps[key] = made
            self._maps.move_to_end(key)
            while len(self._maps) > MOST:
                self._maps.popitem(last=False)

    def remember(self, name: Any, answer: Any) -> None:
        """Keep what the page shows for a map, so that the next visitor waits for no network."""
        with self._lock:
            self._answers[name] = answer
            self._answers.move_to_end(name)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)

    def remembered(self, name: Any) -> Any:
        """Return what was kept under ``name``, or None."""
        return self._answers.get(name)

    def progress(self, key: str) -> Progress | None:
        """Return how far the map of that key is, if it is being made for all visitors; else None."""
        return self._made.get(key)

    def make(
        self, load: Load, scene: Scene, settings: CooSettings, perplexity: float, weights: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        """Make a map for all visitors unless there is one, and keep it in a file with its provenance."""
        key = map_key(settings, scene, perplexity, weights)
        if self.get(key) is not None:
            return
        began = clock()
        self._made[key] = Progress(0.0, None)
        try:
            for _ in run_networks(load, scene, settings.names):
                pass
            cut = cut_mini_patches(load, scene, settings)
            steps = Steps(project(cut.among.vectors, perplexity, settings.seed))
            with closing(steps) as run:
                for progress in run:
                    self._made[key] = progress
                found = run.result
            made = CooMap(found.points, found.trustworthiness, clock() - began)
            self.put(key, made)
            if not cut.failed:  # else it is made anew after the next start, perhaps with all networks
                self._write(key, made, {"weights": dict(weights), "settings": repr(settings), "perplexity": perplexity})
        finally:
            del self._made[key]

    def _write(self, key: str, made: CooMap, provenance: dict[str, Any]) -> None:
        if self.folder is None:
            return
        content = {
            "format": FORMAT,
            "key": key,
            **provenance,
            "trustworthiness": made.trustworthiness,
            "seconds": made.seconds,
            "points": made.points.round(4).tolist(),
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder / f"{key}.json", json.dumps(content).encode())
            for path in self.folder.glob("*.json"):  # of other weights or settings: nobody will ask for it again
                if path.stem != key:
                    path.unlink()
        except OSError as error:
            logger.warning("the map of mini-patches could not be kept: %s", error)

    def _read(self, key: str) -> CooMap | None:
        if self.folder is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            content = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            points = np.array(content["points"], float)
            right = content["key"] == key and points.ndim == 2 and points.shape[1] == 2 and np.isfinite(points).all()
            if right:
                return CooMap(points, float(content["trustworthiness"]), float(content["seconds"]))
        return None
