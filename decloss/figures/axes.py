"""Axes of figures that are drawn as SVG: round ticks, and places on the page for values."""

import math
from dataclasses import dataclass


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return the multiples of 1, 2 or 5 times a power of ten from ``low`` to ``high``, at most ``about`` steps."""
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


@dataclass(frozen=True)
class Axis:
    """The values ``low`` to ``high`` drawn from ``start`` to ``end``, both in the units of the SVG."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where ``value`` stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def written(self, value: float) -> str:
        """Return a tick's number, with as many digits as the ticks need."""
        digits = max(0, -math.floor(math.log10((self.high - self.low) / 5) + 1e-9))
        return f"{value:.{digits}f}".replace("-", "−")


def with_margin(values: list[float], share: float, least: float) -> tuple[float, float]:
    """Return the range of ``values`` with a margin of ``share`` of it on both sides, at least ``least`` wide."""
    low, high = min(values), max(values)
    span = max(high - low, least)
    middle = (low + high) / 2
    return middle - span * (0.5 + share), middle + span * (0.5 + share)
