"""A table of results, whose columns say whether their numbers are the paper's or ours."""

from dataclasses import dataclass
from typing import Literal

Cell = str | float | None


@dataclass(frozen=True)
class Column:
    """One column of a table, which never mixes the paper's numbers with ours."""

    title: str
    source: Literal["words", "paper", "ours"] = "words"
    digits: int = 0
    """The number of digits after the point."""


@dataclass(frozen=True)
class Table:
    """A table with a title, a sentence or two about it, and rows of cells."""

    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """The cells of each row: a number, or a text where there is none; None is an empty cell."""

    def heads(self) -> list[str]:
        """Return the columns' titles, with those of the paper marked as such."""
        return [f"paper: {column.title}" if column.source == "paper" else column.title for column in self.columns]

    def cells(self) -> list[list[str]]:
        """Return the rows as texts, each number with its column's digits."""
        return [[_text(cell, column) for cell, column in zip(row, self.columns, strict=True)] for row in self.rows]

    def markdown(self) -> str:
        """Return the table as a section of a Markdown page."""
        rule = [":--" if column.source == "words" else "--:" for column in self.columns]
        lines = [f"| {' | '.join(row)} |" for row in (self.heads(), rule, *self.cells())]
        return f"## {self.title}\n\n{self.about}\n\n" + "\n".join(lines) + "\n"


def _text(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.{column.digits}f}"
