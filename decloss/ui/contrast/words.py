"""The texts of the Contrast tab."""

from decloss.ui.parts.tips import tip

INTRODUCTION = (
    "<p>DECLoss cuts both pictures into " + tip("mini-patch", "contrast", "mini-patches") + " and asks of each: whose "
    "HR is like mine? To those, its positives, it is drawn; from all others, its negatives, it is pushed. "
    "<b>Move η</b> and see who counts as alike.</p>"
)
FORMULA = r"""
Which pairs are positives, Eq. 20; HR alone decides, after enhancement:

$$ M_{ij} = -20 \log_{10} \frac{\lVert y_i - y_j \rVert_2}{\text{MAX}} \ge \eta $$

The sums over positives and over negatives, Eq. 21 and 22:

$$ Q_{pos,i} = \frac{1}{t_{pos}} \sum_{M_{ij} \ge \eta}
\left( e^{S^{sr \to sr}_{ij}} + 2 e^{S^{sr \to hr}_{ij}} \right) $$

$$ Q_{neg,i} = \frac{1}{t_{neg}} \sum_{M_{ij} < \eta} (\dots) $$

The loss, Eq. 23:

$$ L = -\frac{1}{B^*} \sum_i \log \frac{Q_{pos,i}}{Q_{neg,i}} $$
"""
PATCH_SIZE = "Pixels a side of a mini-patch; the paper takes 8."
MU = "Small, and only the finest detail is compared; large, and brightness (DC) as well."
ALPHA = "Moves M by −40 log₁₀ α dB."
PAIR = (
    '<div class="pair">'
    '<figure id="contrast-hr"><figcaption><b>HR</b>, the original</figcaption>'
    '<div class="patches" tabindex="0" role="group" aria-label="HR in mini-patches">'
    '<img alt="HR"><canvas aria-hidden="true"></canvas></div></figure>'
    '<figure id="contrast-sr"><figcaption><b>SR</b>, of the network</figcaption><div class="patches">'
    '<img alt="SR, with the same mini-patches marked"><canvas aria-hidden="true"></canvas></div></figure>'
    '<ul class="contrast-legend"><li><i class="chosen"></i>the chosen one</li>'
    '<li><i class="positive"></i><span>its positives, drawn to it: <b class="pair-words"></b></span></li>'
    '<li><i class="negative"></i>its negatives, pushed away</li></ul></div>'
)
"""The HTML that ``pair.js`` draws into."""
CHOOSING = (
    "Click a mini-patch in either picture, or use the arrow keys. *Look for:* smooth areas, which are positives of "
    "each other, and texture, where often nothing is alike. HR alone decides, so both pictures are marked the same. "
    "At most {most} × {most} mini-patches are compared: small ones come from the middle of the place."
)
MAPS = """## Its row of the matrices

The mini-patches where they lie in the picture. Click one to choose it.

*Look for:* M decides who is positive, and sees HR alone. The cosines S are what the loss raises for positives and
lowers for negatives. Choose one in a texture: where SR is too smooth, S<sup>sr→hr</sup> is pale even at the mini-patch
itself.
"""
HISTOGRAM = (
    "M of all pairs, cut at η. *Look for:* the hill moves when μ, α or P do, so the same η in dB means something else "
    "each time; the share of positive pairs does not."
)
KNOB_TITLE = "## α and η are one knob"
KNOB = "Cosines do not feel α, and M only moves by −40 log₁₀ α: turn both, with the buttons, and nothing changes."
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
