"""What decoding changed in many files, told in few lines."""

from collections.abc import Iterable


class Notes:
    """Collects the notes of decoded photos: thousands of files from one camera have the same one."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def add(self, file: str, notes: Iterable[str]) -> None:
        """Remember the notes, a sentence each, of ``file``."""
        for note in notes:
            self._files.setdefault(note, []).append(file)

    def lines(self) -> list[str]:
        """A line a note, with the first file that has it and the count of the others."""
        lines = []
        for note, (first, *more) in self._files.items():
            others = f" and {len(more)} more" if more else ""
            lines.append(f"{first}{others}: {note}")
        return lines
