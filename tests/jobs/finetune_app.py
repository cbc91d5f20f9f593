"""An app without a page, which the tests start as a process of its own and kill."""

import threading
from multiprocessing.connection import Connection
from pathlib import Path

from decloss.jobs import queue


def mind_finetunes(data: Path, opened: Connection) -> None:
    """Open the data directory ``data``, send what that says, and mind its finetunes until killed."""
    queue.prepare_photos = lambda data: None  # its small photos are enough
    opened.send(queue.Finetunes(data).open())
    threading.Event().wait()
