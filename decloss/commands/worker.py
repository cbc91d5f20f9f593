"""The command ``python -m decloss worker``."""

import os
import signal
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from decloss.commands.console import say
from decloss.host.where import QUEUE, default_data

LEAST_LEASE, MOST_LEASE = 5.0, 3600.0


@dataclass(frozen=True)
class Worker:
    """Train the finetunes that visitors ask for in pages on other machines, until it is interrupted."""

    queue: str = ""
    """The address of the PostgreSQL database that pages and workers share, postgresql://user:password@host/database;
    without it that in the variable DECLOSS_QUEUE, which no list of processes shows."""
    data: Path = field(default_factory=default_data)
    """The data folder that the pages have, too."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where networks train."""
    at_once: int = 1
    """How many finetunes it trains at a time."""
    name: str = field(default_factory=socket.gethostname)
    """What the pages call it."""
    lease: float = 30.0
    """The seconds without a word from it after which another worker goes on with its finetune."""

    def run(self) -> int:
        queue = self.queue or os.environ.get(QUEUE, "")
        if not queue:
            raise ValueError(f"--queue is missing, and {QUEUE} is not set: which database holds the queue?")
        if not 1 <= self.at_once <= 64:
            raise ValueError(f"at_once must be from 1 to 64, got {self.at_once}")
        if not LEAST_LEASE <= self.lease <= MOST_LEASE:
            raise ValueError(f"lease must be from {LEAST_LEASE:g} to {MOST_LEASE:g} seconds, got {self.lease}")
        # What follows imports torch, which --help does without.
        from decloss import __version__
        from decloss.host.devices import describe, named_device
        from decloss.jobs import worker
        from decloss.jobs.line import Line
        from decloss.jobs.membership import Membership
        from decloss.jobs.queue import Finetunes
        from decloss.jobs.trainer import Place

        device = describe(named_device(self.device))
        line = Line(queue, self.lease)
        me = worker.member("worker", self.name, device, self.at_once, __version__)
        membership = Membership(line, self.data, me)
        membership.join()
        closing = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: closing.set())
        say(f"{self.name}: takes finetunes of {self.data}, {self.at_once} at a time, on {device}")
        place = Place(self.device, worker.threads_of(self.at_once), shared=True)
        worker.Worker(line, Finetunes(self.data, line).find, membership, place, say, closing).run()
        say(f"{self.name}: has saved and given back what it had")
        return 0
