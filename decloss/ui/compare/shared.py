"""The comparisons of the example photos, which are made once and belong to all visitors."""

import threading
from collections.abc import Sequence
from pathlib import Path

from decloss.files.examples import example_photos
from decloss.ui.compare.comparison import Comparison, start_comparison
from decloss.ui.parts.tab import Networks
from decloss.views.example_results import Example, ExampleResults, read_weights
from decloss.views.kept_results import KeptResults
from decloss.zoo.checkpoint import CheckpointError

FIRST_PAIR = ("edsr-l1", "edsr-l1-dec")
"""The networks that visitors see first: trained for PSNR, and with DECLoss as well."""
FOLDER = "examples"
"""The folder in the app's data where results are kept between starts."""
PATIENCE = 15.0
"""The seconds for which the start waits for the first pair, if it was not kept."""


class SharedComparisons:
    """The comparisons of all examples as far as their results are made."""

    def __init__(self, results: ExampleResults) -> None:
        self.results = results
        self._lock = threading.Lock()
        self._known: dict[str, Comparison] = {}

    def of(self, example: Example) -> Comparison:
        """Return the comparison of ``example``: the same object for all visitors, until there are more results."""
        with self._lock:
            known = self._known.get(example.photo)
            names = self.results.names
            if known is None or not known.files_are_there():  # the sweeper removes what nobody looks at for long
                known = start_comparison(example.task, example.photo, names)
            done, failed = dict(example.results), dict(example.failed)
            waiting = tuple(name for name in names if name not in done and name not in failed)
            present = {result.name for result in known.results}
            for name in [name for name in names if name in done and name not in present]:
                known = known.with_result(done[name])
            for name in [name for name in failed if name not in known.failed]:
                known = known.with_failure(name, failed[name])
            if known.waiting != waiting or present != done.keys():
                known = known.in_order().with_waiting_for(waiting)
            self._known[example.photo] = known
            return known


def start_shared(networks: Networks, data: Path) -> SharedComparisons:
    """Begin to make the examples' comparisons, kept below ``data``, and return them once the first pair is there."""

    def weights(name: str) -> str:
        try:
            return read_weights(networks.zoo.card(name))
        except CheckpointError:
            return ""

    paths = [Path(path) for path, _ in example_photos()]
    first = first_pair(networks.names)
    results = ExampleResults(KeptResults(data / FOLDER), paths, networks.names, first, networks.load, weights)
    results.start()
    if (example := results.default()) is not None:
        results.wait(example, 0, PATIENCE, first)
    return SharedComparisons(results)


def first_pair(names: Sequence[str]) -> tuple[str, str]:
    """Return ``FIRST_PAIR``, or the second and the last of ``names`` (the first is bicubic) where these are not."""
    if set(FIRST_PAIR) <= set(names):
        return FIRST_PAIR
    return names[min(1, len(names) - 1)], names[-1]
