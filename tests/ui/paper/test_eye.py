"""The column "eye" of the Paper tab's Table 1, from votes."""

from dataclasses import replace
from pathlib import Path

from decloss.results.table import Column, Table
from decloss.ui.paper.eye import with_eye
from decloss.ui.parts.tally import Tallies
from decloss.votes.store import VOTES, VoteStore
from decloss.votes.vote import Vote

TABLE = Table(
    "Table 1",
    "About.",
    (Column("row"), Column("configuration")),
    (("", "`bicubic`"), ("1", "`edsr-l1`"), ("2", "`gone`")),
)
VOTE = Vote(1.0, "0" * 32, "cat.png", "0,0,128", "bicubic", "edsr-l1", "right", 900, "pair")


def test_below_its_least_the_column_is_empty_and_says_why(tmp_path: Path) -> None:
    store = VoteStore(tmp_path / VOTES)
    store.add(VOTE)
    found = with_eye(TABLE, Tallies(store, ["bicubic", "edsr-l1"], dict))
    assert found.columns[-1].title.startswith("eye") and [row[-1] for row in found.rows] == [None] * 3
    assert "1 vote of 1 visitor" in found.about and "too few to say anything" in found.about


def test_with_enough_votes_it_has_strengths_with_the_number_of_votes_and_visitors(tmp_path: Path) -> None:
    store = VoteStore(tmp_path / VOTES)
    for visitor in range(6):
        for place in range(20):
            store.add(replace(VOTE, visitor=f"{visitor:032x}", place=f"{place},0,128"))
    found = with_eye(TABLE, Tallies(store, ["bicubic", "edsr-l1"], dict))
    bicubic, edsr, gone = (row[-1] for row in found.rows)
    assert isinstance(bicubic, float) and isinstance(edsr, float) and bicubic < 0 < edsr and gone is None
    assert "120 votes of 6 visitors" in found.about


def test_votes_that_cannot_be_read_leave_the_table_as_it_is(tmp_path: Path) -> None:
    (tmp_path / VOTES).write_bytes(b"nothing that SQLite knows" * 50)
    found = with_eye(TABLE, Tallies(VoteStore(tmp_path / VOTES), ["bicubic"], dict))
    assert found.columns == TABLE.columns and "cannot be used" in found.about
