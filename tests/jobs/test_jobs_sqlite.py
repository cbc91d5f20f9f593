"""What DBOS expects of SQLite on Python 3.12, also with an older SQLite."""

import sqlite3
import time

import pytest
import sqlalchemy

from decloss.jobs import sqlite as module
from decloss.jobs.sqlite import _add_unixepoch, complete_old_sqlite

QUESTION = sqlalchemy.text("SELECT unixepoch('subsec')")


def answer() -> float | None:
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        return connection.execute(QUESTION).scalar()


def test_after_it_every_sqlite_knows_the_time_to_the_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SUBSECONDS", (99,))  # whatever is installed here counts as old
    complete_old_sqlite()
    complete_old_sqlite()
    try:
        assert answer() == pytest.approx(time.time(), abs=60)
        with sqlalchemy.create_engine("sqlite://").connect() as connection:
            make = "CREATE TABLE t (id INTEGER, at INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000))"
            connection.execute(sqlalchemy.text(make))
            connection.execute(sqlalchemy.text("INSERT INTO t (id) VALUES (1)"))
            at = connection.execute(sqlalchemy.text("SELECT at FROM t")).scalar()
            assert at == pytest.approx(1000 * time.time(), abs=60_000)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", _add_unixepoch)


def test_a_sqlite_that_knows_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    if sqlalchemy.event.contains(sqlalchemy.Engine, "connect", _add_unixepoch):  # another test made a queue
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", _add_unixepoch)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 42, 0))
    complete_old_sqlite()
    assert not sqlalchemy.event.contains(sqlalchemy.Engine, "connect", _add_unixepoch)
