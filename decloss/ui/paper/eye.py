"""The column "eye" of Table 1: how visitors of the blind test rank the networks."""

import math
import re
from dataclasses import replace

from decloss.results.table import Cell, Column, Table
from decloss.ui.parts.tally import Tallies, Tally
from decloss.votes.ranking import LEAST_VISITORS, LEAST_VOTES
from decloss.votes.store import StoreError

NAME = re.compile(r"`([^`]+)`")
EYE = Column("eye ↑", "ours", 2)
"""Strengths by visitors' eyes; higher is better."""


def with_eye(table: Table, tallies: Tallies) -> Table:
    """Return a table of networks with one more column: their strengths by the votes, and on how many they rest."""
    try:
        tally = tallies.of()
    except StoreError as error:
        return replace(table, about=f"{table.about} {error}.")
    position = next(index for index, column in enumerate(table.columns) if column.title == "configuration")
    rows = tuple((*row, _strength(tally, str(row[position]))) for row in table.rows)
    return replace(table, about=f"{table.about} {_about(tally)}", columns=(*table.columns, EYE), rows=rows)


def _about(tally: Tally) -> str:
    count = f"{tally.count} in the blind test here"
    if tally.ranking.says_anything:
        return f"Eye: strengths by {count}, 0 is the mean of the networks."
    return f"Eye: {count}, too few to say anything; {LEAST_VOTES} votes of {LEAST_VISITORS} visitors are needed."


def _strength(tally: Tally, text: str) -> Cell:
    """Return the strength of the network that ``text`` names; None where there are too few votes or none on it."""
    ranking = tally.ranking
    found = NAME.search(text)
    if found is None or found.group(1) not in ranking.names or not ranking.says_anything:
        return None
    index = ranking.names.index(found.group(1))
    met = (tally.ballots.wins + tally.ballots.ties).sum(axis=0)
    strength = float(ranking.strengths[index])
    return strength if met[index].sum() + met[:, index].sum() > 0 and math.isfinite(strength) else None
