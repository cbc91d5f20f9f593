"""A table of results whose columns say whose numbers they hold."""

from dataclasses import dataclass
from typing import Literal

Cell = str | float | None


@dataclass(frozen=True)
class Column:
    """One column; it never mixes the paper's numbers with ours."""

    title: str
    source: Literal["words", "paper", "ours"] = "words"
    digits: int = 0
    """Digits after the point, for numbers."""


@dataclass(frozen=True)
class Table:
    """A title, a sentence or two about it, and rows of cells."""

    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """A number, or a word where there is none; None is an empty cell."""

    def heads(self) -> list[str]:
        """The columns' titles, with the paper's marked as such."""
        return [f"paper: {column.title}" if column.source == "paper" else column.title for column in self.columns]

    def cells(self) -> list[list[str]]:
        """The rows as text, each number with its column's digits."""
        return [[_text(cell, column) for cell, column in zip(row, self.columns, strict=True)] for row in self.rows]

    def markdown(self) -> str:
        """The table as a section of a Markdown page."""
        rule = [":--" if column.source == "words" else "--:" for column in self.columns]
        lines = [f"| {' | '.join(row)} |" for row in (self.heads(), rule, *self.cells())]
        return f"## {self.title}\n\n{self.about}\n\n" + "\n".join(lines) + "\n"


def _text(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.{column.digits}f}"
