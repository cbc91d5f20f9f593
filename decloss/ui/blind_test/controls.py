"""The controls of the Blind test tab, each declared once."""

from dataclasses import dataclass
from typing import Annotated

from decloss.ui.parts.controls import Choice
from decloss.votes.vote import Protocol

EXAMPLES, OWN_PHOTO, OWN_NETWORK = "Example photos", "My photo", "My finetune against its start"
WITH_ORIGINAL, WITHOUT_ORIGINAL = "With the original in the middle", "Without the original"


@dataclass(frozen=True)
class Controls:
    """The values of the page."""

    source: Annotated[
        str,
        Choice("Pictures", (EXAMPLES, OWN_PHOTO, OWN_NETWORK), name="The pictures",
               info="Votes on your own photo count as well; the photo itself is not kept."),
    ] = EXAMPLES  # fmt: skip
    original: Annotated[
        str,
        Choice("The question", (WITH_ORIGINAL, WITHOUT_ORIGINAL), name="The question",
               info="With it, which is nearer to the original; without it, which looks better."),
    ] = WITH_ORIGINAL  # fmt: skip

    @property
    def protocol(self) -> Protocol:
        """How the pair is shown, as votes record it."""
        return "with original" if self.original == WITH_ORIGINAL else "pair"
