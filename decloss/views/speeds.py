"""How fast networks and metrics are on this machine, measured by their own runs, and what a run will take by that."""

import statistics
import threading
from collections import defaultdict, deque
from collections.abc import Sequence

UPSCALE_GUESS = 30.0
"""The seconds for each million LR pixels while no network has been measured."""
SCORE_GUESS = 3.0
"""The seconds for each million HR pixels that scoring takes while that has not been measured."""
RECENT = 5
"""The number of the last runs that count."""


class Speeds:
    """The seconds for each million pixels: the median of the last runs, since one may have waited for others' work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._networks: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=RECENT))
        self._scores: deque[float] = deque(maxlen=RECENT)

    def upscaled(self, name: str, lr: Sequence[int], seconds: float) -> None:
        """Note that the network ``name`` took ``seconds`` for an input of the shape ``lr``, (h, w) or (h, w, 3)."""
        with self._lock:
            self._networks[name].append(seconds / _megapixels(lr))

    def scored(self, hr: Sequence[int], seconds: float) -> None:
        """Note that all metrics took ``seconds`` for one result of the shape ``hr``."""
        with self._lock:
            self._scores.append(seconds / _megapixels(hr))

    def seconds(self, names: Sequence[str], lr: Sequence[int], hr: Sequence[int] | None) -> float:
        """Return what the networks ``names`` will take for an input of the shape ``lr``, and scoring if there is HR.

        A network that was never measured counts as the median of the others.
        """
        with self._lock:
            medians = {name: statistics.median(found) for name, found in self._networks.items()}
            score = statistics.median(self._scores) if self._scores else SCORE_GUESS
        unknown = statistics.median(medians.values()) if medians else UPSCALE_GUESS
        upscaling = sum(medians.get(name, unknown) for name in names) * _megapixels(lr)
        return upscaling + (len(names) * score * _megapixels(hr) if hr is not None else 0.0)


SPEEDS = Speeds()
"""The speeds of this process, which all visitors share."""


def _megapixels(shape: Sequence[int]) -> float:
    return max(1, shape[0] * shape[1]) / 1e6
