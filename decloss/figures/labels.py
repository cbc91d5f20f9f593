"""Labels beside points that cover neither each other nor a point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MARK = 8.0
"""Half the side of the square that a point's mark needs."""
RINGS = (13.0, 22.0, 34.0, 48.0, 64.0, 84.0, 108.0, 136.0, 170.0)
"""The distances from its point at which a label is tried, the nearest first."""
DIRECTIONS = tuple(math.radians(angle) for angle in (0, 180, 270, 90, 315, 45, 225, 135, 340, 20, 200, 160))
"""The directions in which a label is tried, clockwise from the right, the best first."""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    def covers(self, other: "Box") -> bool:
        """Return whether the two have a point in common."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )

    def inside(self, other: "Box") -> bool:
        """Return whether no part of this one lies outside ``other``."""
        return (
            other.left <= self.left
            and other.top <= self.top
            and self.left + self.width <= other.left + other.width
            and self.top + self.height <= other.top + other.height
        )


def place_labels(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], frame: Box
) -> list[Box | None]:
    """Return a box inside ``frame`` for the label of each point; None where there is no room for one.

    The points with the most others near them get theirs first, since they have the least room.

    Args:
        points: (x, y) of each.
        sizes: width and height of each label.
        frame: where labels may stand.
    """
    marks = [Box(x - MARK, y - MARK, 2 * MARK, 2 * MARK) for x, y in points]
    found: list[Box | None] = [None] * len(points)
    crowd = [sum(math.hypot(x - u, y - v) < 60 for u, v in points) for x, y in points]
    for index in sorted(range(len(points)), key=lambda index: -crowd[index]):
        taken = [*marks, *(box for box in found if box is not None)]
        candidates = (_beside(points[index], sizes[index], r, angle) for r in RINGS for angle in DIRECTIONS)
        free = (box for box in candidates if box.inside(frame) and not any(box.covers(other) for other in taken))
        found[index] = next(free, None)
    return found


def _beside(point: tuple[float, float], size: tuple[float, float], distance: float, angle: float) -> Box:
    """Return the box of a label whose side, corner or edge nearest to the point lies at ``distance`` from it."""
    (x, y), (width, height) = point, size
    across, down = math.cos(angle), math.sin(angle)
    middle_x, middle_y = x + distance * across, y + distance * down
    left = middle_x - width / 2 + (width / 2 if across > 0.3 else -width / 2 if across < -0.3 else 0)
    top = middle_y - height / 2 + (height / 2 if down > 0.8 else -height / 2 if down < -0.8 else 0)
    return Box(left, top, width, height)
