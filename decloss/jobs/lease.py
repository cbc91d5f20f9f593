"""A lease: the right to train a job until a moment, unless the moment is put off.

The worker that has it passes the moment on to its trainer, through the trainer's input. Each of them ends before it by
itself, so that nobody has to be reached for that: whatever is cut off, hangs or dies, when the lease is over nobody
trains any more, and another worker may begin.
"""

import math
import struct
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass

FORMAT = struct.Struct("d")
"""A moment as its worker writes it: 8 bytes, so that a read of up to 1024 bytes never cuts one in two."""


LEAST_LEFT = 1.0
"""The seconds that are left of a lease at its last moment, at least: on a busy machine processes end late."""


@dataclass
class Lease:
    """The right to train one job."""

    ends: float = math.inf
    """The moment, by ``time.monotonic()``, which all processes of a machine share."""
    seconds: float = math.inf
    """How long it lasts if nobody puts it off."""

    def renew(self, asked: float) -> None:
        """Put it off, after the database agreed to what it was ``asked`` at that moment."""
        self.ends = asked + self.seconds

    @property
    def ending(self) -> bool:
        """Whether its trainer has to save and go: a quarter of it is left."""
        return time.monotonic() > self.ends - 0.25 * self.seconds if math.isfinite(self.ends) else False

    @property
    def last_moment(self) -> float:
        """The moment at which a trainer that has not gone ends without saving: a tenth is left, or ``LEAST_LEFT``."""
        return self.ends - max(0.1 * self.seconds, LEAST_LEFT) if math.isfinite(self.ends) else math.inf

    def tell(self, trainer: "subprocess.Popen[bytes]") -> None:
        """Pass ``last_moment`` on to a trainer."""
        with suppress(OSError, ValueError):  # it may have ended
            if trainer.stdin is not None:
                trainer.stdin.write(FORMAT.pack(self.last_moment))
                trainer.stdin.flush()


def last_told(told: bytes) -> float:
    """Return the newest moment of those that ``tell`` wrote."""
    return float(FORMAT.unpack(told[-FORMAT.size :])[0])
