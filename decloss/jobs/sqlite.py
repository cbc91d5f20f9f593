"""A function that DBOS expects of SQLite, added to older versions of it."""

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, event

SUBSECONDS = (3, 42)
"""The version of SQLite from which ``unixepoch('subsec')`` exists."""


def complete_old_sqlite() -> None:
    """Make every connection from now on know ``unixepoch('subsec')``.

    From Python 3.12 on DBOS takes it for granted, but it comes with the system's SQLite, not with Python: Debian 12,
    from which many containers are made, has 3.40. There the result is null, and no queue could be made.
    """
    if sqlite3.sqlite_version_info < SUBSECONDS and not event.contains(Engine, "connect", _add_unixepoch):
        event.listen(Engine, "connect", _add_unixepoch)


def _add_unixepoch(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", 1, lambda modifier: round(time.time(), 3))
