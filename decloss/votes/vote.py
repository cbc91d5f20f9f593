"""One vote: what was shown, what was chosen, and nothing about who chose."""

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

Choice = Literal["left", "right", "neither"]
Protocol = Literal["pair", "with original"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
VISITOR = re.compile(r"[0-9a-f]{32}")
"""The pattern of an anonymous visitor: chance alone, made by the server and kept by the browser."""
CLASSROOM = re.compile(r"[a-z2-9]{6}|")
"""The pattern of a classroom's code; empty outside of classrooms."""
LONGEST_NAME = 100
LONGEST_LOOK = 3_600_000
"""The longest time that is recorded for a vote, in milliseconds; who was away for longer counts as this."""


@dataclass(frozen=True)
class Vote:
    """One answer to "which looks better?"."""

    time: float
    """When it was given, in seconds since 1970 (UTC)."""
    visitor: str
    """Who gave it: 32 random hexadecimal digits that belong to no name and no address."""
    photo: str
    """The example's file name, or "own-" and random digits for a visitor's own photo, which is not kept."""
    place: str
    """The window that was shown: x, y and side in pixels of the photo, such as "120,64,96"."""
    left: str
    """The checkpoint whose result stood on the left."""
    right: str
    """The checkpoint whose result stood on the right; the same as ``left`` in a test of attention."""
    choice: Choice
    milliseconds: int
    """The time from both pictures being visible to the answer."""
    protocol: Protocol
    """Whether the original was shown between the two, as in two-alternative forced choice."""
    classroom: str = ""
    """The code of the classroom it was given in; empty outside of one."""

    def __post_init__(self) -> None:
        """Refuse what no page of ours sends, with a ``ValueError`` that names it."""
        if not math.isfinite(self.time) or self.time < 0:
            raise ValueError(f"a vote's time must be seconds since 1970, got {self.time!r}")
        if not VISITOR.fullmatch(self.visitor):
            raise ValueError("a vote's visitor must be 32 hexadecimal digits")
        if not CLASSROOM.fullmatch(self.classroom):
            raise ValueError("a classroom's code must be 6 letters and digits")
        for name in (self.photo, self.place, self.left, self.right):
            if not name or len(name) > LONGEST_NAME or not name.isprintable():
                raise ValueError(f"a vote's names must be short and printable, got {name[:LONGEST_NAME]!r}")
        if self.choice not in CHOICES:
            raise ValueError(f"a choice must be one of {', '.join(CHOICES)}, got {self.choice!r}")
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"a protocol must be one of {', '.join(PROTOCOLS)}, got {self.protocol!r}")
        if not 0 <= self.milliseconds <= LONGEST_LOOK:
            raise ValueError(f"a vote's milliseconds must be from 0 to {LONGEST_LOOK}, got {self.milliseconds!r}")

    @property
    def preferred(self) -> str | None:
        """The checkpoint that was chosen; None for "no difference"."""
        return {"left": self.left, "right": self.right}.get(self.choice)

    @property
    def other(self) -> str | None:
        """The checkpoint that was not chosen; None for "no difference"."""
        return {"left": self.right, "right": self.left}.get(self.choice)

    @property
    def shown(self) -> tuple[str, str, frozenset[str]]:
        """What was compared, whichever stood on the left: photo, place, and the checkpoints."""
        return self.photo, self.place, frozenset((self.left, self.right))

    @property
    def is_attention_test(self) -> bool:
        """Whether both pictures were the same one."""
        return self.left == self.right
