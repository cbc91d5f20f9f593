"""The texts of the Contrast tab."""

INTRODUCTION = (
    "DECLoss cuts both pictures into mini-patches and asks of each: which others have an HR like mine? To those, its "
    "positives, it is drawn, in HR and in SR; from all others, its negatives, it is pushed."
)
EQUATIONS = r"""
$$ M_{ij} = -20 \log_{10} \frac{\lVert y_i - y_j \rVert_2}{\text{MAX}} $$

$$ Q_{pos,i} = \frac{1}{t_{pos}} \sum_{M_{ij} \ge \eta}
\left( e^{S^{sr \to sr}_{ij}} + 2 e^{S^{sr \to hr}_{ij}} \right) $$

$$ Q_{neg,i} = \frac{1}{t_{neg}} \sum_{M_{ij} < \eta} (\dots) $$

$$ L = -\frac{1}{B^*} \sum_i \log \frac{Q_{pos,i}}{Q_{neg,i}} $$
"""
PATCH_SIZE = "Pixels a side of a mini-patch; the paper takes 8."
MU = "Small, and only the finest detail is compared; large, and brightness as well."
SHARE = "η is found from it."
ETA = "Lower makes more pairs positive."
ALPHA = "Moves M by −40 log₁₀ α dB."
ALT_HR = "HR with its mini-patches: the chosen one framed, its positives orange, its negatives dim"
ALT_SR = "SR with the same mini-patches coloured"
LEGEND = (
    '<ul class="contrast-legend"><li><i class="chosen"></i>the chosen one</li><li><i class="positive"></i>its '
    'positives: drawn to them</li><li><i class="negative"></i>its negatives: pushed from them</li></ul>'
)
CHOOSING = (
    "Click a mini-patch in either picture, or use the sliders. *Look for:* smooth areas, which are positives of each "
    "other, and texture, where often nothing is alike. The colours come from HR alone, so both pictures have the same. "
    "At most {most} × {most} are compared: small ones come from the middle of the place."
)
MAPS = """## Its row of the matrices

The mini-patches where they lie in the picture. Click one to choose it.

*Look for:* M decides who is positive, and sees HR alone. The cosines S are what the loss raises for positives and
lowers for negatives; where SR is too smooth, S<sup>sr→hr</sup> is pale even at the chosen mini-patch itself.
"""
CUTTING = """## Where η cuts

M of every pair i ≠ j. *Look for:* the hill moves when μ, α or P do, so the same η in dB means something else each time;
the share of positive pairs does not.
"""
KNOB = (
    "**α and η are one knob.** Cosines do not feel α, and M only moves by −40 log₁₀ α: turn both, with the buttons, "
    "and nothing changes."
)
LOSS = """## The loss, and what it would change

*Look for:* the loss is highest where a mini-patch has few positives, almost whatever SR looks like. Beside it a step
along minus the gradient: red would become brighter, blue darker. It is fine texture, and mostly stronger where
enhancement leaves little of SR, since the gradient of a cosine grows as 1/‖x‖.
"""
TEMPERATURES = "## What the temperatures do\n\nTwo readings of the paper, side by side."
TEMPERATURES_HINT = (
    "*Look for:* outside the exponent, as printed, they add log(t<sub>pos</sub>/t<sub>neg</sub>) to the loss and "
    "change the gradient nowhere: they cannot matter to training (the paper’s Fig. 6). Inside, as in SimCLR, they do. "
    "Change is the largest over all pixels, in per cent of the largest gradient in the first row."
)
