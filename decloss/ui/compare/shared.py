"""The comparisons of the example photos, which are made once and belong to all visitors."""

import threading
from collections.abc import Callable

from decloss.ui.compare.comparison import Comparison, start_comparison
from decloss.views.example_results import Example, ExampleResults


class Newest:
    """Which of a visitor's runs and fillings of the tab began last: an earlier filling must not overwrite it."""

    def __init__(self) -> None:
        self._last = object()
        self._ran = ""

    def run(self, photo: str) -> None:
        """Take the place of whatever began before, with a run on the photo of that digest."""
        self._last, self._ran = object(), photo

    def fill(self, photo: str) -> Callable[[], bool] | None:
        """Take the place of whatever began before, and return a function that tells whether nothing began since.

        Return None if the last to begin was a run on the same photo: the visitor asked for that after the photo.
        """
        if photo and photo == self._ran:
            return None
        mine = self._last = object()
        self._ran = ""
        return lambda: self._last is mine


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
