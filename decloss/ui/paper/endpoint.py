"""The API's function ``paper``: the paper's tables beside ours."""

from functools import cache
from typing import Literal, TypedDict

import gradio as gr

from decloss.results.stored import load_stored
from decloss.ui.paper.tab import Controls, paper_tables
from decloss.ui.parts.checks import check_choice
from decloss.ui.parts.controls import checked

_stored = cache(load_stored)
_tables = cache(lambda data: paper_tables(_stored(), data))


class PaperColumn(TypedDict):
    """One column of a table, which never mixes the paper's numbers with ours."""

    title: str
    source: Literal["words", "paper", "ours"]


class PaperTable(TypedDict):
    """One table of the Paper tab."""

    title: str
    about: str
    columns: list[PaperColumn]
    rows: list[list[str | float | None]]


def paper(
    table: Literal["claims", "twins", "curves", "table 1", "table 2", "table 3"] = "table 1", data: str = "BSD100"
) -> PaperTable:
    """Give one of the paper's tables with our numbers in columns of their own, or what becomes of its claims.

    Args:
        table: which one; "claims" has differences with intervals, "twins" and "curves" those at equal PSNR.
        data: the benchmark of our numbers in "claims", "table 1" and, for BSD100 alone, "twins": Set5, Set14, BSD100.

    Returns:
        table: its title, what it is about, its columns and its rows.
    """
    try:
        stored = _stored()
    except ValueError as error:  # the package was installed without docs/
        raise gr.Error("There are no stored evaluations beside this installation.") from error
    tables = _tables(checked(Controls, {"data": list(stored.evaluations)}, data=data).data)
    found = tables[check_choice(table, "The table", list(tables))]
    return {
        "title": found.title,
        "about": found.about,
        "columns": [{"title": column.title, "source": column.source} for column in found.columns],
        "rows": [list(row) for row in found.rows],
    }
