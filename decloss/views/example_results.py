"""What every network makes of every example photo: made once in the background, kept on disk, and shared by all.

The first photo's first networks come first, then whatever a visitor waits for, then all the rest, which yields to
everything else that the machine has to do.
"""

import atexit
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from decloss.files.images import ImageError, decode_photo
from decloss.host.steps import Steps
from decloss.inference.interruptible import Abandoned, WhileWanted
from decloss.metrics import lpips_is_available
from decloss.views.comparison import Framing, Result, Task, prepare_task, remember, run_shared
from decloss.views.kept_results import KeptResults
from decloss.views.shared_results import digest_of, weights_of
from decloss.views.speeds import SPEEDS
from decloss.zoo.checkpoint import CheckpointError

logger = logging.getLogger(__name__)

WHOLE = Framing(side=2048)
"""An example is compared as a whole: none is larger than this."""
PASSING = "could not be run here"
"""The beginning of the reason of a failure that may pass, as when memory runs out."""
REST_AFTER = 60.0
"""The seconds after the start at which the rest is made, even if nobody has looked at an example yet."""
POLITE = 15
"""How much the thread that makes the rest yields to others, as ``nice`` counts it."""


@dataclass
class Example:
    """One example photo, and what was made of it so far."""

    photo: str
    """The digest of its pixels."""
    task: Task
    results: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """The networks that could not be run, each with a sentence."""

    def lacks(self, names: Sequence[str]) -> list[str]:
        """Return those of ``names`` of which nothing is known yet."""
        return [name for name in names if name not in self.results and name not in self.failed]


class ExampleResults:
    """The results of the photos in ``paths`` by the networks ``names``; ``start`` begins to make them.

    Args:
        kept: where they are kept between starts.
        paths: the photos' files; the first one is what visitors see first.
        names: the networks' names.
        first: those networks that visitors see first.
        load: a function that loads a network by name.
        weights: a function that returns the SHA-256 of a network's weights by its name without loading it, or "".
    """

    def __init__(
        self,
        kept: KeptResults,
        paths: Sequence[Path],
        names: Sequence[str],
        first: Sequence[str],
        load: Callable[[str], nn.Module],
        weights: Callable[[str], str],
    ) -> None:
        self.kept, self.paths, self.names, self.first = kept, paths, list(names), list(first)
        self._load, self._weights = load, weights
        self._news = threading.Condition()
        self._decoding = threading.Lock()
        self._left = threading.Event()
        self._examples: dict[Path, Example | None] = {}
        self._wanted: list[Example] = []
        self._asked = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to make what is missing, in threads that end with the process."""
        for work in (self._make_wanted, self._make_rest):
            self._threads.append(threading.Thread(target=self._work, args=(work,), daemon=True))
            self._threads[-1].start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the threads, at the next call of a torch function."""
        self._left.set()
        with self._news:
            self._news.notify_all()
        for thread in self._threads:
            thread.join(5)

    def find(self, photo: str) -> Example | None:
        """Return the example whose pixels have the digest ``photo``; None if there is none."""
        return next((example for example in self._all() if example.photo == photo), None)

    def made(self, photo: str) -> int | None:
        """Return how many networks are done with an example, those that failed included; None if it is no example."""
        read = (example for example in self._examples.copy().values() if example is not None)
        found = next((example for example in read if example.photo == photo), None)
        return None if found is None else len(found.results) + len(found.failed)

    def default(self) -> Example | None:
        """Return the example that visitors see first; None if no example is installed."""
        return next(self._all(), None)

    def by_name(self) -> dict[str, Example]:
        """Return the examples by their files' names."""
        return {path.name: found for path, found in zip(self.paths, self._each(), strict=True) if found is not None}

    def want(self, example: Example) -> None:
        """Have what is missing of ``example`` made next, and what could not be run before."""
        with self._news:
            self._asked = True
            for name, reason in list(example.failed.items()):
                if reason.startswith(PASSING):
                    del example.failed[name]
            if all(example is not other for other in self._wanted):
                self._wanted.append(example)
            self._news.notify_all()

    def wait(self, example: Example, known: int, seconds: float, names: Sequence[str] = ()) -> None:
        """Wait until more than ``known`` networks are done with ``example``, or all ``names`` if there are any.

        The wait ends after ``seconds`` in any case.
        """

        def is_news() -> bool:
            done = len(example.results) + len(example.failed)
            return self._left.is_set() or (not example.lacks(names) if names else done > known)

        with self._news:
            self._news.wait_for(is_news, seconds)

    def _all(self) -> Iterator[Example]:
        return (found for found in self._each() if found is not None)

    def _each(self) -> Iterator[Example | None]:
        for path in self.paths:
            with self._decoding:
                if path not in self._examples:
                    self._examples[path] = self._read(path)
                found = self._examples[path]
            yield found

    def _read(self, path: Path) -> Example | None:
        try:
            pixels = decode_photo(path).pixels
            return Example(digest_of(pixels), prepare_task(pixels, WHOLE, is_original=True))
        except ImageError:
            logger.exception("the example %s cannot be used", path.name)
            return None

    def _work(self, make: Callable[[], None]) -> None:
        with WhileWanted(self._left), contextlib.suppress(Abandoned):
            try:
                make()
            except Exception:
                logger.exception("the examples' results are no longer made")

    def _make_wanted(self) -> None:
        if (example := self.default()) is not None:
            self._make(example, self.first)
        while not self._left.is_set():
            with self._news:
                self._news.wait_for(lambda: self._wanted or self._left.is_set())
                wanted = self._wanted.pop(0) if self._wanted else None
            if wanted is not None:
                self._make(wanted, self.names, in_turn=True)

    def _make_rest(self) -> None:
        with self._news:
            self._news.wait_for(lambda: self._asked or self._left.is_set(), REST_AFTER)
        if sys.platform == "linux":  # elsewhere a thread has no priority of its own
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITE)
        for example in self._all():
            self._make(example, self.names)

    def _make(self, example: Example, names: Sequence[str], *, in_turn: bool = False) -> None:
        """Make what is missing; ``in_turn``, stop for another example that is wanted, and go on after it."""
        for name in example.lacks(names):
            if self._left.is_set():
                return
            failure = ""
            try:
                result = self._result(example.task, name)
            except CheckpointError:
                failure = "cannot be used: its file is damaged"
            except (RuntimeError, MemoryError) as error:  # above all when memory runs out
                logger.exception("%s did not run on an example", name)
                failure = f"{PASSING} ({type(error).__name__})"
            with self._news:
                if failure:
                    example.failed[name] = failure
                else:
                    example.results[name] = result
                self._news.notify_all()
                if in_turn and self._wanted:
                    self._wanted.append(example)
                    return

    def _result(self, task: Task, name: str) -> Result:
        weights = self._weights(name)
        kept = self.kept.read(name, task, weights)
        if kept is not None and not (kept.scores is not None and kept.scores.lpips_missing and lpips_is_available()):
            SPEEDS.upscaled(name, task.lr.shape, kept.seconds)
            remember(task, weights, kept)
            return kept
        model = self._load(name)
        result = Steps(run_shared(name, model, task)).result
        self.kept.write(task, weights_of(model), result)
        return result


def read_weights(card: Mapping[str, object]) -> str:
    """Return the SHA-256 of the weights as a network's ``card`` names it; "" if it names none."""
    weights = card.get("weights")
    if isinstance(weights, Mapping):
        return str(weights.get("sha256", ""))
    return "bicubic" if card.get("architecture") == {"type": "Bicubic"} else ""
