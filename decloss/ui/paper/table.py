"""A table of results as HTML: our columns beside the paper's, verdicts in words, links that compare two networks."""

import html
import re
from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from decloss.results.claims import FAILS, HOLDS, PAIRS, UNDECIDED
from decloss.results.table import Cell, Column, Table
from decloss.ui.parts.address import SEPARATOR
from decloss.ui.parts.names import plain_name
from decloss.zoo.registry import BICUBIC

SOURCES = {"paper": ("paper", "printed in the paper"), "ours": ("ours", "measured by us"), "words": ("", "")}
"""The word above a column's title, and its hint."""
SAME = {"PSNR": "PSNR-RGB"}
"""Titles of our columns that hold what the paper calls otherwise."""
PIXEL_LOSS = "edsr-l1"
WITHOUT = dict(PAIRS)
"""Networks with DECLoss, and the same without it."""
VERDICTS = {HOLDS: ("holds", "✓"), FAILS: ("fails", "✗"), UNDECIDED: ("undecided", "?")}
"""The class and the sign of each verdict."""
VERDICT, DIFFERENCE = "verdict", "difference"
"""The titles of the columns that hold a verdict and the difference that it is about."""


def results_table(table: Table, names: Collection[str]) -> str:
    """Return HTML of ``table`` under its title and its text; ``names`` are the checkpoints that Compare knows."""
    order = beside_each_other(table.columns)
    columns = [table.columns[index] for index in order]
    body = "".join(
        f"<tr>{_row([row[index] for index in order], [texts[index] for index in order], columns, names)}</tr>"
        for row, texts in zip(table.rows, table.cells(), strict=True)
    )
    about = _code(html.escape(table.about))
    return (
        f'<section class="scores results"><h2>{html.escape(table.title)}</h2>{_summary(table)}'
        f'<p class="caption">{about}</p><div class="wide"><table>'
        f"<thead><tr>{''.join(map(_head, columns))}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def beside_each_other(columns: Sequence[Column]) -> list[int]:
    """Return the indices of ``columns`` in the order in which each of ours follows the paper's of the same name."""
    ours = {column.title: index for index, column in enumerate(columns) if column.source == "ours"}
    printed = any(column.source == "paper" for column in columns)
    order: list[int] = []
    for index, column in enumerate(columns):
        if column.source == "paper":
            order += [index, *filter(None, [ours.pop(SAME.get(column.title, column.title), None)])]
        elif column.source == "words" or not printed:
            order.append(index)
    return [*order, *(index for index in ours.values() if index not in order)]


def _head(column: Column) -> str:
    whose, hint = SOURCES[column.source]
    small = f"<small>{whose}</small> " if whose else ""
    return (
        f'<th scope="col" class="{column.source}" title="{hint}">'
        f'<button type="button" class="sort">{small}{html.escape(column.title)}</button></th>'
    )


def _row(row: Sequence[Cell], texts: Sequence[str], columns: Sequence[Column], names: Collection[str]) -> str:
    difference = next((text for text, column in zip(texts, columns, strict=True) if column.title == DIFFERENCE), "")
    cells = []
    for value, text, column in zip(row, texts, columns, strict=True):
        number = _number(value)
        order = "" if number is None else f' data-value="{number!r}"'
        whose = SOURCES[column.source][0]
        label = html.escape(f"{column.title}, {whose}" if whose else column.title)
        shown = _verdict(text, difference) if column.title == VERDICT else _linked(text, names)
        empty = "" if text else " empty"
        cells.append(f'<td class="{column.source}{empty}" data-label="{label}"{order}>{shown}</td>')
    return "".join(cells)


def _number(value: Cell) -> float | None:
    """Return the number by which a cell is sorted, also of a text such as "+0.0334"; None if it is no number."""
    if not isinstance(value, str):
        return value
    return float(value) if re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else None


def _verdict(text: str, difference: str) -> str:
    """Return a verdict with its sign and its colour, and with the difference in words."""
    word, _, why = text.partition(":")
    if word not in VERDICTS:
        return html.escape(text)
    kind, sign = VERDICTS[word]
    if not why:
        size = difference.lstrip("+-")
        why = {"holds": f"lower by {size}", "fails": f"higher by {size}"}.get(kind, "the interval includes 0")
    mark = f'<strong class="verdict {kind}"><span aria-hidden="true">{sign}</span> {html.escape(word)}</strong>'
    return f"{mark} <small>{html.escape(why.strip())}</small>"


def _summary(table: Table) -> str:
    """Return how many claims hold, do not hold and are undecided, in words; nothing for a table without verdicts."""
    found = [index for index, column in enumerate(table.columns) if column.title == VERDICT]
    if not found:
        return ""
    words = [str(row[found[0]]).partition(":")[0] for row in table.rows]
    counts = [
        f'<strong class="verdict {kind}">{words.count(word)} {_plural(word, words.count(word))}</strong>'
        for word, (kind, _) in VERDICTS.items()
        if word in words
    ]
    return f'<p class="verdicts">Of {len(words)} claims: {", ".join(counts)}.</p>'


def _plural(word: str, count: int) -> str:
    """Return a verdict as it follows a number of claims."""
    if word == UNDECIDED:
        return f"{'is' if count == 1 else 'are'} undecided"
    return word if count == 1 else {HOLDS: "hold", FAILS: "do not hold"}[word]


def _linked(text: str, names: Collection[str]) -> str:
    """Return a cell's text, in which one network or a claim about two is a link to their comparison."""
    found = [name for name in re.findall(r"`([^`]+)`", text) if name in names]
    shown = html.escape(text)
    if not found:
        return _code(shown)
    for name in found:
        shown = shown.replace(f"`{html.escape(name)}`", f"<b>{html.escape(plain_name(name))}</b>")
    pair = pair_for(found)
    small = " against ".join(f"<code>{html.escape(name)}</code>" for name in found)
    return f'{_compare(pair, shown)} <small class="names">{small}</small>'


def pair_for(found: Sequence[str]) -> tuple[str, str]:
    """Return the two networks to compare for those that a cell names, the one without DECLoss first."""
    if len(found) > 1:
        return found[1], found[0]
    (name,) = found
    if name == PIXEL_LOSS:
        return BICUBIC, name
    return (name, PIXEL_LOSS) if name == BICUBIC else (WITHOUT.get(name, PIXEL_LOSS), name)


def _compare(pair: tuple[str, str], shown: str) -> str:
    """Return a link that compares two networks: ``compare.js`` follows it in the page, and it opens in a new tab."""
    models = SEPARATOR.join(pair)
    address = html.escape("?" + urlencode({"tab": "compare", "models": models, "left": pair[0], "right": pair[1]}))
    title = html.escape(f"Compare {plain_name(pair[0])} with {plain_name(pair[1])}")
    return f'<a href="{address}" data-models="{html.escape(models)}" title="{title}">{shown}</a>'


def _code(text: str) -> str:
    """Return ``text`` with the names between backticks as HTML code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
