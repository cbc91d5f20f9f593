"""The texts of the COO tab: what it is about, its formula, and what the map shows, which depends on what is mapped."""

from collections.abc import Mapping, Sequence

from decloss.ui.parts.names import plain_name
from decloss.views.clusters import NEIGHBOURS, Shares, clusters, together
from decloss.views.coo import TRUTHS, CooSettings

INTRODUCTION = (
    "Several HR details shrink to the same LR, and the picture with the least error is then their mean, which is none "
    "of them: the *centre-oriented optimisation* (COO) problem. **Each point is a small square of the photo** (a "
    "mini-patch); alike ones lie together. Coloured points show where the networks' squares land among real ones "
    "(grey)."
)
FORMULA = r"""
What least error leads to, Eq. (7), and ICOO, Eq. (11), which sums it up in one number:

$$ \hat{y}^*(x) = \sum_{i=1}^{N} \sigma(x, y_i)\, y_i \quad (7) $$

$$ \begin{aligned} S = & -10 \log_{10} \\
& \sum_{i=1}^{M} \frac{d(y_k, \hat{y}_i)}{\sum_{j \neq k} d(y_j, \hat{y}_i)} \quad (11) \end{aligned} $$
"""
MAP_HINT = (
    "Point at a square, tap it, or use the arrow keys (← → ground truths, ↑ ↓ what each network makes of them). A line "
    "joins it to its ground truth, dashed ones lead to those that are nearest in truth. HR mini-patches overlap, and "
    "may form strings; t-SNE bends distances and invents clusters: try other seeds and perplexities, and "
    "trust the table."
)
TABLE_TITLE = "## The true distances\nOf the same ground truths, in the vectors themselves; means over all of them."
TABLE_HINT = (
    "Neighbours are HR mini-patches of the map, but neither the ground truth nor any that shares a pixel with it: "
    "otherwise the nearest would be the ground truth, moved by a little. HR itself is measured in the same way.\n\n"
    "**ICOO ↓: lower is better.** It is of the whole crop, on raw patches of 12 × 12 pixels at independent places, as "
    "in §5.2: there nearer to an HR patch counts against a network, since a blurred patch is near to many. Drawing "
    "other places moves its differences by about 0.1 dB. In the playground it rises (↑) as details appear, since there "
    "each detail is itself among the few candidates."
)
OLD = (
    "This map is of what was chosen before. Press Embed for one of what is chosen now; set the controls back, and it "
    "is up to date again."
)
ASK = "Press **Embed** to map the mini-patches of this place."
MARKUP = (
    '<div class="coo-map"><p class="coo-old" role="status" hidden></p><div class="coo-plot"><canvas tabindex="0" '
    'role="img" aria-describedby="coo-card" '
    'aria-label="Map of mini-patches; arrow keys go through the ground truths and what the networks make of them">'
    '</canvas><div class="coo-empty"></div></div><div class="coo-legend"></div>'
    '<div class="coo-words"></div><button type="button" class="coo-save">Save the map as a picture</button>'
    '<div class="coo-side"><canvas class="coo-where" role="img" aria-label="The crop with the ground truths framed">'
    '</canvas><div id="coo-card" class="coo-card" aria-live="polite"></div></div></div>'
)
"""The frame of what ``map.js`` draws."""


def shown_words(settings: CooSettings, shares: Mapping[str, Shares], total: int) -> list[str]:
    """Return what a map shows, as sentences: the kind of vectors, and which networks form a cluster of their own.

    Args:
        settings: what was mapped.
        shares: those of ``network_shares``, for each network on the map.
        total: the number of points on the map.
    """
    if settings.share is None:
        kind = (
            "These are raw mini-patches: colour and brightness decide who is near whom, detail hardly does. Look for "
            "networks that change colours: their points leave those of the photo."
        )
    else:
        kind = (
            "These are enhanced mini-patches: detail alone decides who is near whom, so neighbours may differ in "
            "colour. Look for points in the middle, among mini-patches with little detail, whose ground truths lie far "
            "out: that is the COO problem. Without it each would stand at an HR point."
        )
    own, mixed, chance = clusters(shares), together(shares), f"by chance {TRUTHS / total:.0%}"
    found = []
    if own:
        verb = "form a cluster of their own" if len(own) == 1 else "form clusters of their own"
        parts = "; ".join(f"{plain_name(name)} {shares[name].own:.0%}" for name in own)
        found.append(
            f"The mini-patches of {_names(own)} {verb}, more like each other than like the photo’s: of the "
            f"{NEIGHBOURS} nearest of each these are its own: {parts}, {chance}."
        )
    if mixed:
        least = min(shares[name].any for name in mixed)
        found.append(
            f"Those of {_names(mixed)} lie among the networks’ rather than among the photo’s: {least:.0%} or more of "
            f"the {NEIGHBOURS} nearest of each are networks’."
        )
    none = "No network’s mini-patches form a cluster of their own: they lie among the photo’s."
    return [kind, " ".join(found) or none]


def _names(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(map(plain_name, names[:-1])), plain_name(names[-1])]))
