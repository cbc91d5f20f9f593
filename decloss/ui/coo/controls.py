"""The controls of the COO tab, each declared once, and its presets."""

from dataclasses import dataclass
from typing import Annotated, Any

from decloss.figures.embedding import MARKS
from decloss.ui.parts.controls import Choice, Several, Slider
from decloss.views.coo import TRUTHS, CooSettings
from decloss.views.neighbourhood import MOST_LOST, RULES

MOST = len(MARKS)
"""The most checkpoints at a time, which is the number of different marks on the map."""
RAW, ENHANCED = "Raw", "Enhanced"
"""The two kinds of vectors that are compared: mini-patches as they are, and after enhancement."""
CHECKPOINTS, VECTORS, MAP = "checkpoints", "vectors", "map"
"""The sections of the tab."""

# fmt: off
MODELS = Several(f"Checkpoints, at most {MOST}", name="the checkpoints", most=MOST, section=CHECKPOINTS,
                 info="A checkpoint is the file of a trained network.")
SPACE = Choice(
    "Vectors", (ENHANCED, RAW), name="The vectors", section=VECTORS,
    info="What is compared: details alone, or colours too.",
)
SHARE = Slider(
    "μ, as a share of the crop’s side", 0.05, 1.0, 0.005, name="μ", key="mu", section=VECTORS,
    info="For enhanced vectors. The loss's default is 0.25; half of it leaves nothing but detail.",
)
PERPLEXITY = Slider(
    "Perplexity", 5, 100, 1, name="The perplexity", section=MAP,
    info="About how many neighbours t-SNE keeps near each point.",
)
NEIGHBOURS = Slider(
    "Neighbours in a centre", 2, 32, 1, name="The number of neighbours", key="k", element="neighbours", whole=True,
    section=MAP, info="How many nearest HR mini-patches the centre is the mean of.",
)
COUNT = Slider(
    "HR mini-patches", 200, 3000, 100, name="The number of HR mini-patches", whole=True, section=MAP,
    info="A mini-patch is a small square of the picture; these are drawn from a grid over the crop.",
)
SIZE = Choice(
    "P", ("4", "8", "16"), name="The size of the mini-patches", key="p", element="size", convert=int, section=MAP,
    info="Pixels a side of a mini-patch.",
)
RULE = Choice(
    f"The {TRUTHS} ground truths", RULES, name="The choice of ground truths", key="truths", element="rule", section=MAP,
    info="Where HR and bicubic differ most, so the input tells least; or drawn with the seed.",
)
SEED = Slider("Seed", 0, 9999, 1, name="The seed", whole=True, section=MAP, info="Of t-SNE and all drawing.")
# fmt: on


@dataclass(frozen=True)
class Controls:
    """The checked values that a visitor chose."""

    models: Annotated[list[str], MODELS]
    space: Annotated[str, SPACE] = ENHANCED
    share: Annotated[float, SHARE] = 0.125
    perplexity: Annotated[float, PERPLEXITY] = 30.0
    neighbours: Annotated[int, NEIGHBOURS] = 8
    count: Annotated[int, COUNT] = 1500
    size: Annotated[int, SIZE] = 8
    rule: Annotated[str, RULE] = MOST_LOST
    seed: Annotated[int, SEED] = 0

    @property
    def settings(self) -> CooSettings:
        """The settings of all but the map, which the values mean."""
        share = self.share if self.space == ENHANCED else None
        return CooSettings(tuple(self.models), self.size, self.count, self.neighbours, share, self.rule, self.seed)


PRESETS: dict[str, dict[str, Any]] = {
    "Detail only": {"space": ENHANCED, "share": 0.125},
    "As in the loss": {"space": ENHANCED, "share": 0.25},
    "Raw": {"space": RAW},
    "Few neighbours": {"perplexity": 5, "neighbours": 3},
    "Many neighbours": {"perplexity": 80, "neighbours": 24},
}
"""The values that a button sets, by the button's title and the control's name."""
