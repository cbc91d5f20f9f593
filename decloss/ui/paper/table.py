"""A table of results as HTML, in which every column sorts and our checkpoints lead to Compare."""

import html
import re
from collections.abc import Collection
from urllib.parse import urlencode

from decloss.results.table import Cell, Column, Table
from decloss.ui.parts.address import SEPARATOR
from decloss.zoo.registry import BICUBIC

SOURCES = {"paper": "printed in the paper", "ours": "measured by us", "words": ""}


def results_table(table: Table, names: Collection[str]) -> str:
    """Return HTML of ``table`` under its title and its text; ``names`` are the checkpoints that Compare knows."""
    head = "".join(_head(column, title) for column, title in zip(table.columns, table.heads(), strict=True))
    body = "".join(
        f"<tr>{''.join(_cell(*cell, names) for cell in zip(row, texts, table.columns, strict=True))}</tr>"
        for row, texts in zip(table.rows, table.cells(), strict=True)
    )
    about = _code(html.escape(table.about))
    return (
        f'<section class="scores results"><h2>{html.escape(table.title)}</h2><p class="caption">{about}</p>'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _head(column: Column, title: str) -> str:
    hint = SOURCES[column.source]
    return (
        f'<th scope="col" class="{column.source}" title="{hint}">'
        f'<button type="button" class="sort">{html.escape(title)}</button></th>'
    )


def _cell(value: Cell, text: str, column: Column, names: Collection[str]) -> str:
    order = f' data-value="{value!r}"' if isinstance(value, int | float) else ""
    shown = _code(html.escape(text))
    for name in re.findall(r"`([^`]+)`", text):
        if name in names:
            shown = shown.replace(f"<code>{name}</code>", f'<a href="{_compare(name)}">{html.escape(name)}</a>')
    return f'<td class="{column.source}"{order}>{shown}</td>'


def _compare(name: str) -> str:
    """Return the address of Compare with this checkpoint beside bicubic."""
    models = name if name == BICUBIC else SEPARATOR.join((BICUBIC, name))
    return html.escape("?" + urlencode({"tab": "compare", "models": models}))


def _code(text: str) -> str:
    """Return ``text`` with the names between backticks as HTML code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
