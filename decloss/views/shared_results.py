"""Results that all visitors share: one input and one network are computed once, also when two ask at a time."""

import hashlib
import threading
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from torch import nn

from decloss.files.images import RGBArray
from decloss.host.steps import Steps

MOST_BYTES = 150_000_000
"""The bytes of pixels that are kept for all visitors together: eleven of the largest results."""
WAIT = 0.25
"""The seconds after which a caller that waits for another's work is told how far that is."""
T = TypeVar("T")


@dataclass
class _Work(Generic[T]):
    """One result: computed, or under way in some thread."""

    done: threading.Event = field(default_factory=threading.Event)
    share: float = 0.0
    result: T | None = None
    error: Exception | None = None
    size: int = 0
    """The bytes of the result; 0 while there is none."""


class SharedResults(Generic[T]):
    """The results that were asked for last, ``most_bytes`` of pixels at most; a result is never changed.

    Args:
        size: a function that returns the bytes of a result.
        most_bytes: the most bytes that are kept.
    """

    def __init__(self, size: Callable[[T], int], most_bytes: int = MOST_BYTES) -> None:
        self.size = size
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._works: OrderedDict[Hashable, _Work[T]] = OrderedDict()  # what was asked for last stands last

    def has(self, key: Hashable) -> bool:
        """Return whether the result of ``key`` is kept."""
        with self._lock:
            work = self._works.get(key)
            return work is not None and work.result is not None

    def steps(self, key: Hashable, make: Callable[[], Generator[float, None, T]]) -> Generator[float, None, T]:
        """Yield the share done, and return the result of ``key``, which ``make`` computes unless somebody did or does.

        All callers that ask at the same time share one computation, and the ``Exception`` that it may raise, which is
        not kept. If the one who computes leaves early, the next one who waits computes instead.
        """
        while True:
            with self._lock:
                work = self._works.get(key)
                wanted = work is None
                if work is None:
                    work = self._works[key] = _Work()
                self._works.move_to_end(key)
            if wanted:
                return (yield from self._compute(key, work, make))
            while not work.done.wait(WAIT):
                yield work.share
            if work.error is not None:
                raise work.error
            if work.result is not None:
                return work.result

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result of ``key`` in one step, as ``steps`` does."""

        def at_once() -> Generator[float, None, T]:
            yield 0.0
            return make()

        return Steps(self.steps(key, at_once)).result

    def _compute(
        self, key: Hashable, work: _Work[T], make: Callable[[], Generator[float, None, T]]
    ) -> Generator[float, None, T]:
        try:
            steps = Steps(make())
            for share in steps:
                work.share = share
                yield share
            result = work.result = steps.result
            work.size = self.size(result)
        except BaseException as error:
            work.error = error if isinstance(error, Exception) else None  # others take over from one who leaves
            with self._lock:
                self._works.pop(key, None)
            raise
        finally:
            work.done.set()
        self._forget_oldest()
        return result

    def _forget_oldest(self) -> None:
        with self._lock:
            excess = sum(work.size for work in self._works.values()) - self.most_bytes
            for key, work in list(self._works.items()):
                if excess <= 0:
                    break
                if work.done.is_set():
                    del self._works[key]
                    excess -= work.size


def digest_of(*pictures: RGBArray | None) -> str:
    """Return a digest of the shapes and pixels of 8-bit ``pictures``, some of which may be None."""
    digest = hashlib.sha256()
    for pixels in pictures:
        if pixels is None:
            digest.update(b"none")
        else:
            digest.update(repr(pixels.shape).encode())
            digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


_without_card: "weakref.WeakKeyDictionary[nn.Module, str]" = weakref.WeakKeyDictionary()


def weights_of(model: nn.Module) -> str:
    """Return the SHA-256 of a network's weights if it has a card of ours, else a text that only this object has."""
    card: dict[str, Any] = getattr(model, "card", None) or {}
    if sha256 := (card.get("weights") or {}).get("sha256"):
        return str(sha256)
    if card.get("architecture") == {"type": "Bicubic"}:
        return "bicubic"
    return _without_card.setdefault(model, uuid.uuid4().hex)
