"""Where votes last: one table of an SQLite file, which several processes may write and any kill leaves whole."""

import contextlib
import csv
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, TextIO

from decloss.votes.vote import Vote

VOTES = "votes.sqlite"
"""The name of the file of votes in the app's data folder."""
COLUMNS = tuple(each.name for each in fields(Vote))
TABLE = """CREATE TABLE IF NOT EXISTS votes (
  id INTEGER PRIMARY KEY,
  time REAL NOT NULL, visitor TEXT NOT NULL, photo TEXT NOT NULL, place TEXT NOT NULL, "left" TEXT NOT NULL,
  "right" TEXT NOT NULL, choice TEXT NOT NULL, milliseconds INTEGER NOT NULL, protocol TEXT NOT NULL,
  classroom TEXT NOT NULL
)"""
INDICES = (
    "CREATE INDEX IF NOT EXISTS votes_by_classroom ON votes (classroom)",
    "CREATE INDEX IF NOT EXISTS votes_by_visitor ON votes (visitor)",
)
QUOTED = ", ".join(f'"{name}"' for name in COLUMNS)
WAIT = 10.0
"""The seconds for which one process waits until another has written."""
MOST_VOTES = 1_000_000
"""The most votes that are kept, about 200 MB; then none are taken any more, and none is lost."""


class StoreError(Exception):
    """The file of votes cannot be read or written; the message says why."""


class VoteStore:
    """The votes in the file ``path``, which is made with the first vote.

    SQLite's own journal makes a vote whole or absent after a kill or a power cut. Each call opens the file anew, so
    that threads and processes need know nothing of each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, vote: Vote) -> None:
        """Keep a vote; raise a ``StoreError`` if it cannot be written or there are too many."""
        marks = ", ".join("?" * len(COLUMNS))
        with self._connection(write=True) as connection:
            (count,) = connection.execute("SELECT coalesce(max(id), 0) FROM votes").fetchone()
            if count >= MOST_VOTES:
                raise StoreError(f"there are {MOST_VOTES:,} votes already, and no room for more")
            connection.execute(f"INSERT INTO votes ({QUOTED}) VALUES ({marks})", astuple(vote))

    def votes(self, *, classroom: str = "", visitor: str = "") -> list[Vote]:
        """Return the votes in the order they came: all of them, or those of one classroom or of one visitor."""
        query = f"SELECT {QUOTED} FROM votes WHERE (? = '' OR classroom = ?) AND (? = '' OR visitor = ?) ORDER BY id"
        return [Vote(*row) for row in self._rows(query, classroom, classroom, visitor, visitor)]

    def last(self) -> int:
        """Return a number that grows with each vote, so that readers know cheaply whether there is news."""
        return sum(number for (number,) in self._rows("SELECT coalesce(max(id), 0) FROM votes"))

    @staticmethod
    def write(votes: Iterable[Vote], file: TextIO) -> None:
        """Write ``votes`` as CSV, after a line of names."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(vote) for vote in votes)

    def _rows(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a query finds; nothing before the first vote is kept, or if it could not be."""
        if not self.path.exists():
            return
        with self._connection() as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'votes'").fetchone():
                yield from connection.execute(query, values)

    @contextlib.contextmanager
    def _connection(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Open the file, and close it; what was written is kept if nothing was raised."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                if write:
                    connection.execute("BEGIN IMMEDIATE")  # it waits for other writers here, not half-way
                    connection.execute(TABLE)
                    for index in INDICES:
                        connection.execute(index)
                yield connection
                if write:
                    connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the votes in {self.path.name} cannot be used ({error})") from error
