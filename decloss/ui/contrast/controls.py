"""The controls of the Contrast tab, each declared once, and its presets."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from decloss.dec.parameters import COLDEST, INSIDE, OUTSIDE
from decloss.ui.contrast import words
from decloss.ui.parts.controls import Choice, Dropdown, Slider
from decloss.ui.parts.tab import Networks
from decloss.ui.parts.tips import line
from decloss.views.contrast import HIGHEST, LOWEST, MOST, PRINTED, ContrastSettings
from decloss.zoo.registry import BICUBIC

IN_DB, AS_SHARE = "dB", "share"
"""The two ways to set eta: as a threshold in dB, or as the share of positive pairs."""
CUTTING, CHOOSING, PLACING, TURNING, WEIGHING = "cutting", "choosing", "placing", "turning", "weighing"
"""The sections of the tab: eta; what is compared; the chosen mini-patch; alpha; the temperatures."""
USUAL = ContrastSettings()
MODEL = Dropdown("SR from", name="The network", section=CHOOSING)
PATCH_SIZE = Slider("P", 1, 16, 1, key="p", whole=True, section=CHOOSING, info=words.PATCH_SIZE)
MU = Slider("μ, share of the side", 0.1, 1.0, 0.01, name="μ", key="mu", section=CHOOSING, info=words.MU)
BEST = 0
"""The row and the column that stand for those of the mini-patch with the most positives."""
PLACE = Slider("Row of the mini-patch", BEST, MOST, 1, name="Row and column", whole=True, section=PLACING)
ROW = replace(PLACE, info="From the top; 0 takes the mini-patch with the most positives.")
COLUMN = replace(PLACE, label="Column", key="col", element="column", info="From the left; 0 as above.")
WAYS = {"as a share": AS_SHARE, "in dB": IN_DB}
BY = Choice("Set η, the threshold", tuple(WAYS.values()), titles=tuple(WAYS), name="The way to set η", section=CUTTING)
SHARE = Slider("η, % positive", 0.1, 50.0, 0.1, name="The share of positive pairs", section=CUTTING, info=line("η"))
ETA = Slider("η, dB", LOWEST, HIGHEST, 0.1, name="η", stepped=False, section=CUTTING, info=line("η"))
# Buttons that double and halve alpha take it off the slider's steps.
ALPHA = Slider("α", 0.25, 4.0, 0.05, stepped=False, section=TURNING, info=words.ALPHA)
READINGS = {"outside, as printed": OUTSIDE, "inside, as in SimCLR": INSIDE}
READING = Choice(
    "Where they divide",
    tuple(READINGS.values()),
    titles=tuple(READINGS),
    name="The reading",
    section=WEIGHING,
    info="The sums, or the exponents.",
)
T_POS = Slider("t_pos", COLDEST, 8.0, 0.01, key="tpos", section=WEIGHING, info=line("t_pos"))
T_NEG = replace(T_POS, label="t_neg", key="tneg", info=line("t_neg"))


@dataclass(frozen=True)
class Controls:
    """The checked values that a visitor chose."""

    model: Annotated[str, MODEL] = BICUBIC
    patch_size: Annotated[int, PATCH_SIZE] = USUAL.patch_size
    mu_share: Annotated[float, MU] = USUAL.mu_share
    row: Annotated[int, ROW] = BEST
    column: Annotated[int, COLUMN] = BEST
    # The style sheet shows only the one of these two that ``by`` selects.
    share: Annotated[float, SHARE] = 100 * USUAL.share
    eta: Annotated[float, ETA] = 20.0
    by: Annotated[str, BY] = AS_SHARE
    alpha: Annotated[float, ALPHA] = USUAL.alpha
    reading: Annotated[str, READING] = USUAL.temperature
    t_pos: Annotated[float, T_POS] = PRINTED[0]
    t_neg: Annotated[float, T_NEG] = PRINTED[1]

    @property
    def settings(self) -> ContrastSettings:
        """The settings of the loss that the values mean."""
        return ContrastSettings(
            patch_size=self.patch_size,
            mu_share=self.mu_share,
            alpha=self.alpha,
            eta=self.eta if self.by == IN_DB else None,
            share=self.share / 100,
            t_pos=self.t_pos,
            t_neg=self.t_neg,
            temperature=self.reading,
        )


OPENS_WITH: dict[str, Any] = {"model": "edsr-l1", "share": 10.0}
"""What the page opens with instead of the API's defaults: SR that is too smooth, and pairs enough to see some."""
_AS_PRINTED: dict[str, Any] = {"reading": OUTSIDE, "t_pos": PRINTED[0], "t_neg": PRINTED[1]}
_USUAL: dict[str, Any] = {name: getattr(Controls, name) for name in ("patch_size", "mu_share", "alpha", "by")}
PRESETS: dict[str, dict[str, Any]] = {
    "DC suppressed": {"mu_share": 0.16},
    "all positive": {"by": IN_DB, "eta": ETA.minimum},
    "printed temperatures": _AS_PRINTED,
    "inside": {**_AS_PRINTED, "reading": INSIDE},
    "defaults": {**_USUAL, "share": OPENS_WITH["share"], "row": BEST, "column": BEST, **_AS_PRINTED},
}
"""The values that a button sets, by the button's title and the control's name."""


def opens_with(networks: Networks) -> dict[str, Any]:
    """Return ``OPENS_WITH``, with another network where its own is not there."""
    known = OPENS_WITH["model"] in networks.names
    return OPENS_WITH if known else {**OPENS_WITH, "model": networks.names[-1]}
