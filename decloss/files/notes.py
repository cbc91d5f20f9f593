"""Notes on what decoding changed in many files, told in few lines."""

from collections.abc import Iterable


class Notes:
    """A collection of notes on decoded photos: thousands of files from one camera have the same note."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def add(self, file: str, notes: Iterable[str]) -> None:
        """Remember the notes, a sentence each, of ``file``."""
        for note in notes:
            self._files.setdefault(note, []).append(file)

    def lines(self) -> list[str]:
        """Return a line for each note, with the first file that has it and the count of the others."""
        lines = []
        for note, (first, *more) in self._files.items():
            others = f" and {len(more)} more" if more else ""
            lines.append(f"{first}{others}: {note}")
        return lines
