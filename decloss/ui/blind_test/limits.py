"""How many votes are taken of one visitor and of one network address in an hour; nothing of it is written down."""

import threading
import time
from collections import OrderedDict, deque

HOUR = 3600.0
OF_VISITOR, OF_ADDRESS = 400, 4000
"""The most votes an hour of one browser, and of one address, behind which a whole school may be."""
MOST_KNOWN = 20_000
"""The visitors and addresses that are remembered; those that tried to vote longest ago are forgotten first."""


class Limits:
    """Counts votes by visitor and by address in memory."""

    def __init__(self, of_visitor: int = OF_VISITOR, of_address: int = OF_ADDRESS) -> None:
        self.of_visitor, self.of_address = of_visitor, of_address
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, visitor: str, address: str) -> bool:
        """Count one more vote of both; return False, and count nothing, if either has had its hour's worth."""
        now = time.monotonic()
        with self._lock:
            kept = [(self._recent(f"visitor {visitor}", now), self.of_visitor)]
            kept.append((self._recent(f"address {address}", now), self.of_address))
            while len(self._times) > MOST_KNOWN:
                self._times.popitem(last=False)
            if any(len(times) >= most for times, most in kept):
                return False
            for times, _ in kept:
                times.append(now)
        return True

    def _recent(self, who: str, now: float) -> deque[float]:
        times = self._times.setdefault(who, deque())
        self._times.move_to_end(who)
        while times and times[0] < now - HOUR:
            times.popleft()
        return times
