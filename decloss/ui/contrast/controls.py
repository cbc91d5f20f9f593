"""The controls of the Contrast tab, each declared once, and the presets."""

from dataclasses import dataclass
from typing import Annotated, Any

from decloss.dec.dense import COLDEST, INSIDE, OUTSIDE
from decloss.ui.contrast import words
from decloss.ui.parts.controls import Choice, Dropdown, Slider
from decloss.views.contrast import HIGHEST, LOWEST, MOST, PRINTED, Settings
from decloss.zoo.registry import BICUBIC

IN_DB, AS_SHARE = "dB", "share"
"""The two ways to set eta."""
CHOOSING, CUTTING, WEIGHING = "choosing", "cutting", "weighing"
"""Sections: what is compared; eta and alpha, which are one knob; the temperatures."""
USUAL = Settings()
ETA = Slider("η, dB", LOWEST, HIGHEST, 0.1, name="η", stepped=False, section=CUTTING, info=words.ETA)
SHARE = Slider(
    "Positive pairs, %", 0.1, 50.0, 0.1, name="The share of positive pairs", section=CUTTING, info=words.SHARE
)
# Its buttons move it off its steps.
ALPHA = Slider("α", 0.25, 4.0, 0.05, stepped=False, section=CUTTING, info=words.ALPHA)


@dataclass(frozen=True)
class Controls:
    """What a visitor chose; callbacks get it checked."""

    model: Annotated[str, Dropdown("SR from", name="The network", section=CHOOSING)] = BICUBIC
    patch_size: Annotated[int, Slider("P", 1, 16, 1, key="p", whole=True, section=CHOOSING, info=words.PATCH_SIZE)] = (
        USUAL.patch_size
    )
    mu_share: Annotated[
        float, Slider("μ, share of the side", 0.1, 1.0, 0.01, name="μ", key="mu", section=CHOOSING, info=words.MU)
    ] = USUAL.mu_share
    row: Annotated[
        int,
        Slider(
            "Row of the mini-patch", 1, MOST, 1,
            name="Row and column", whole=True, section=CHOOSING, info="From the top.",
        ),
    ] = 9  # fmt: skip
    column: Annotated[
        int,
        Slider(
            "Column", 1, MOST, 1,
            name="Row and column", key="col", element="column", whole=True, section=CHOOSING, info="From the left.",
        ),
    ] = 6  # fmt: skip
    by: Annotated[
        str,
        Choice(
            "Set η, the threshold", (AS_SHARE, IN_DB),
            name="The way to set η", titles=("as a share", "in dB"), section=CUTTING,
        ),
    ] = AS_SHARE  # fmt: skip
    # The style sheet shows the one of these two that is in use.
    share: Annotated[float, SHARE] = 100 * USUAL.share
    eta: Annotated[float, ETA] = 20.0
    alpha: Annotated[float, ALPHA] = USUAL.alpha
    reading: Annotated[
        str,
        Choice(
            "Where they divide", (OUTSIDE, INSIDE),
            name="The reading", titles=("outside, as printed", "inside, as in SimCLR"), section=WEIGHING,
            info="The sums, or the exponents.",
        ),
    ] = USUAL.temperature  # fmt: skip
    t_pos: Annotated[
        float, Slider("t_pos", COLDEST, 8.0, 0.01, key="tpos", section=WEIGHING, info="Of the positives.")
    ] = PRINTED[0]
    t_neg: Annotated[
        float, Slider("t_neg", COLDEST, 8.0, 0.01, key="tneg", section=WEIGHING, info="Of the negatives.")
    ] = PRINTED[1]

    @property
    def settings(self) -> Settings:
        """Those of the loss."""
        return Settings(
            patch_size=self.patch_size,
            mu_share=self.mu_share,
            alpha=self.alpha,
            eta=self.eta if self.by == IN_DB else None,
            share=self.share / 100,
            t_pos=self.t_pos,
            t_neg=self.t_neg,
            temperature=self.reading,
        )


_AS_PRINTED: dict[str, Any] = {"reading": OUTSIDE, "t_pos": PRINTED[0], "t_neg": PRINTED[1]}
_USUAL: dict[str, Any] = {name: getattr(Controls, name) for name in ("patch_size", "mu_share", "alpha", "by", "share")}
PRESETS: dict[str, dict[str, Any]] = {
    "DC suppressed": {"mu_share": 0.16},
    "all positive": {"by": IN_DB, "eta": ETA.minimum},
    "printed temperatures": _AS_PRINTED,
    "inside": {**_AS_PRINTED, "reading": INSIDE},
    "defaults": {**_USUAL, **_AS_PRINTED},
}
"""Title of a button -> the values that it sets, by control."""
