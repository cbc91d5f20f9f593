"""The comparisons of the example photos, which are made once and belong to all visitors."""

import math
import threading
import time
from dataclasses import replace

from decloss.ui.compare.comparison import Comparison, start_comparison
from decloss.views.example_results import Example, ExampleResults


class LastRun:
    """What is known of a visitor's last run, and of what that visitor was shown since."""

    def __init__(self) -> None:
        self.photo = ""
        """The beginning of ``name_photo`` of its photo, "" once another was chosen: what was run on the photo that is
        chosen is not overwritten by the results of an example."""
        self.begun = -math.inf
        """When it began, a moment of ``time.monotonic``."""
        self.examples = 0
        """How often the results of an example were shown: a run since whose click this grew does not overwrite them."""
        self._stopped = -math.inf
        self._waited, self._examples_then = -math.inf, 0
        self._folder = ""

    def wait(self, since: float) -> None:
        """Note that a run waits in line since this moment of ``time.monotonic``."""
        if since != self._waited:
            self._waited, self._examples_then = since, self.examples

    def begin(self, photo: str) -> int:
        """Note that a run on ``photo`` begins, and return ``examples`` as it was when that run was asked for.

        It is no run on ``photo`` if the visitor was shown an example while it waited.
        """
        before = self._examples_then if self._waited > max(self.begun, self._stopped) else self.examples
        self.begun = time.monotonic()
        if before == self.examples:
            self.photo = photo
        return before

    def stop(self) -> None:
        """Note that what runs or waits was stopped, which never begins then."""
        self._stopped = time.monotonic()

    def show(self, found: Comparison | None) -> None:
        """Note that the visitor is shown ``found`` from now on."""
        self._folder = "" if found is None else found.folder.name

    def shows(self, found: Comparison) -> bool:
        """Return whether ``found`` is the comparison that was shown last, be it with more or fewer results."""
        return self._folder == found.folder.name

    def is_forgotten(self, found: Comparison | None) -> bool:
        """Return whether the server has forgotten what the page shows, as it does an hour after the last result."""
        return found is None and bool(self._folder)


class SharedComparisons:
    """The comparisons of all examples as far as their results are made."""

    def __init__(self, results: ExampleResults) -> None:
        self.results = results
        self._lock = threading.Lock()
        self._known: dict[str, Comparison] = {}

    def has(self, found: Comparison) -> bool:
        """Return whether ``found`` is the comparison of an example, be it with fewer results, and not a visitor's."""
        with self._lock:
            known = self._known.get(found.photo)
            return known is not None and known.folder is found.folder

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
            if known.failed != failed:
                known = replace(known, failed=failed)
            if known.waiting != waiting or present != done.keys():
                known = known.in_order().with_waiting_for(waiting)
            self._known[example.photo] = known
            return known
