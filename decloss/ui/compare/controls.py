"""The controls of the Compare tab, each declared once, and what their values mean for a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from decloss.models.sharpening import AMOUNT
from decloss.pixels import SCALE
from decloss.ui.parts.checks import check_count
from decloss.ui.parts.controls import Choice, Several, Slider, checked
from decloss.views.comparison import Framing

WITH_ORIGINAL, WITHOUT_ORIGINAL = "I have the original", "Upscale this"
CROP, WHOLE = "Cut out a piece", "Shrink the whole photo"
SIDES = (256, 2048)
RegionX = Annotated[
    float,
    Slider("Region, % from the left", 0, 100, 0.5, name="The region's centre (from the left)", key="look0",
           element="region-x", section="region", stepped=False),
    "the middle of the region that is enlarged, per cent from the left.",
]  # fmt: skip
RegionY = Annotated[
    float,
    Slider("Region, % from the top", 0, 100, 0.5, name="The region's centre (from the top)", key="look1",
           element="region-y", section="region", stepped=False),
    "the same, per cent from the top.",
]  # fmt: skip
RegionSide = Annotated[
    int,
    Slider("Region, pixels a side", 16, 256, 8, name="The region's size", key="look2", element="region-side",
           section="region", stepped=False, whole=True),
    "of that region, in pixels.",
]  # fmt: skip


@dataclass(frozen=True)
class RegionControls:
    """The region that is enlarged in every picture."""

    x: RegionX = 50
    y: RegionY = 50
    side: RegionSide = 64


def read_region(x: Any, y: Any, side: Any) -> RegionControls:
    """Return the region from the values of its sliders; raise a ``gr.Error`` for nonsense."""
    return checked(RegionControls, x=x, y=y, side=side)


@dataclass(frozen=True)
class Controls:
    """The values of the page and of the API, in the API's order."""

    mode: Annotated[
        str,
        Choice("What to do with your photo", (WITH_ORIGINAL, WITHOUT_ORIGINAL), name="The mode", section="photo",
               info="“I have the original”: your photo is shrunk by 4, the networks enlarge that again, and what they "
               "make is measured against your photo. “Upscale this”: your photo itself is enlarged by 4; there is "
               "nothing to measure against."),
        "whether it is the original, to be shrunk and compared with, or the input itself.",
    ]  # fmt: skip
    checkpoints: Annotated[
        list[str],
        Several("Networks", name="the checkpoints", section="checkpoints", linked=False, info="Named by what they were "
                "trained with; the checkpoint's name, under which its weights are stored, stands behind."),
        "which networks.",
    ]  # fmt: skip
    fit: Annotated[
        str,
        Choice("What is taken of a larger photo", (CROP, WHOLE), name="The fit", section="framing",
               info="A piece is cut out around the place chosen above."),
        "what becomes of a photo that is larger than side.",
    ] = CROP  # fmt: skip
    side: Annotated[
        int,
        Slider("Longest side of the result, pixels", *SIDES, 64, name="The size of the result", section="framing",
               whole=True, info="Larger takes longer; a detail is easier to judge in a small piece."),
        "the longest side of the results in pixels, {range}, a multiple of 4.",
    ] = 1024  # fmt: skip
    # On the page, the next two are the sliders above all tabs.
    x: Annotated[
        float,
        Slider("Place, % from the left", 0, 100, 0.5, name="The centre (from the left)", linked=False),
        "the middle of the piece that is taken, per cent from the left.",
    ] = 50
    y: Annotated[
        float,
        Slider("Place, % from the top", 0, 100, 0.5, name="The centre (from the top)", linked=False),
        "the same, per cent from the top.",
    ] = 50
    region_x: RegionX = 50
    region_y: RegionY = 50
    region_side: RegionSide = 64
    sharpening: Annotated[
        float,
        Slider("Amount of sharpening", 0, 3, 0.1, name="The amount of sharpening", element="sharpening",
               section="sharpening", info="An unsharp mask adds this many times what a blur of 0.8 pixels takes "
               "from the picture. It has learned nothing: a loss should do better."),
        "by how much the pictures of edsr-l1-sharpened are sharpened, {range}.",
    ] = AMOUNT  # fmt: skip

    @property
    def framing(self) -> Framing:
        """The part of the photo that is used, and how large; raises a ``gr.Error`` for an impossible size."""
        side = check_count(self.side, "The size of the result", *SIDES, SCALE)
        return Framing(side, whole=self.fit == WHOLE, x=self.x / 100, y=self.y / 100)

    @property
    def region(self) -> RegionControls:
        """The region that is enlarged in every picture."""
        return RegionControls(self.region_x, self.region_y, self.region_side)


BEST = "edsr-l1-vgg-dec-ragan"
"""The shipped network with the lowest LPIPS, as the mean over the benchmarks that it was measured on."""
FIRST_TICKED = ("bicubic", "edsr-l1", "edsr-l1-dec", BEST)


def first_ticked(names: Sequence[str]) -> list[str]:
    """Return the networks that are ticked at first: those of ``FIRST_TICKED``, or the first four if there is none."""
    few = [name for name in names if name in FIRST_TICKED]
    return few if len(few) > 1 else list(names[:4])


def few_first(names: Sequence[str]) -> list[str]:
    """Return ``names`` with those that are ticked at first before the others: the rest stands under "more"."""
    first = first_ticked(names)
    return [*first, *(name for name in names if name not in first)]


def side_for(mode: str) -> int:
    """Return the first size of the result in pixels, which takes a few seconds.

    "Upscale this" enlarges, so that the same input needs a larger one.
    """
    return 640 if mode == WITH_ORIGINAL else 1024
