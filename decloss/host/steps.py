"""Long work in steps: a generator yields how far it is and returns a result, and its caller wants both."""

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

ProgressT = TypeVar("ProgressT")
ResultT = TypeVar("ResultT")


class Steps(Generic[ProgressT, ResultT]):
    """Work that is iterated for its progress, and then has a ``result``; what it raises is raised where it is iterated.

    ``contextlib.closing`` ends the work of a caller that leaves early.

    Args:
        work: yields its progress, and returns the result.
    """

    def __init__(self, work: Generator[ProgressT, None, ResultT]) -> None:
        self._steps = self._run(work)
        self._result: ResultT

    def __iter__(self) -> Iterator[ProgressT]:
        return self._steps

    def close(self) -> None:
        """End the work where it stands, as ``close`` of a generator does; there is no result then."""
        self._steps.close()

    @property
    def result(self) -> ResultT:
        """Return what the work returned; steps that nobody has iterated over are done first."""
        for _ in self._steps:
            pass
        return self._result

    def _run(self, work: Generator[ProgressT, None, ResultT]) -> Generator[ProgressT, None, None]:
        self._result = yield from work
