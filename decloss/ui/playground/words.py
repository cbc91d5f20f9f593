"""The texts of the COO playground: its introduction and its captions."""

INTRODUCTION = r"""
Several HR details fit one LR image, and a network that sees only LR must give one answer: trained with MSE it gives
their mean, which is none of them (the paper's Fig. 1). Press Play and see where each loss leads a small network: does
DECLoss, Eq. (21) to (23), choose a detail? Where all LR images are alike and a picture is one mini-patch, it becomes

$$L_d = -\sum_k w_k \log \frac{w_k\, h(c_k)}{\sum_{j \neq k} w_j\, h(c_j)} + \log \frac{t_{pos}}{t_{neg}}$$

with *w*ₖ the share of the pictures that show detail (mode) *k*, *c*ₖ the output's cosine to it, and
*h*(*c*) = e + 2 e*ᶜ*.
"""

WHY = """
### Why DECLoss stays, or goes

- **Two equal modes:** the formula above is the same number for every output: what the pictures of one mode gain by a
  step, those of the other lose. There is no gradient, so the output stays where it is: also in the centre.
- **Unequal modes:** the loss falls towards the more frequent one and on past it, away from the other. Cosines see
  neither contrast nor, nearly, low frequencies; only a pixel loss beside it settles those.
- **Three or more equal modes:** the loss is least where all cosines are equal. That is again in the middle.
- **Temperatures inside** the exponent change this. At 0.5 and 1.5 the output is drawn to the mean; at 0.3 and 1.5 the
  mean is a ridge, and the output slides down to one mode. Printed outside they have no gradient at all.
- **Several mini-patches a picture:** the other places are negatives too. Then even equal modes give a gradient, but
  towards neither of them: both cosines stay alike.

So what pulls a network from the centre here is not the printed loss by itself. In photos LR images are never quite the
same; add noise and see that any loss, MSE too, can then learn them by heart.
"""

PLANE_HINT = (
    "*Look for:* where the black line ends: at a mode, or between them. Discs are the modes, their area the share of "
    "the pictures; dots are the outputs for each picture's own LR, which differ once there is noise. The plane holds "
    "modes and bicubic as well as a plane can; the distances beside it are the true ones."
)
CURVES_HINT = (
    "*Look for:* which distance falls to zero (colours as in the plane; a dotted line marks changed settings). ICOO, "
    "Eq. (11), is measured over all pictures laid out as one image, in 12 × 12 patches. Here it is *not* lower for the "
    "better: each detail is itself among the candidates, so a sharp output finds its match and scores high, near HR "
    "against itself, while blur is as far from one as from another and scores low."
)
PICTURES_HINT = (
    "*Look for:* does the output resemble one of the modes, or the mean? All modes give this LR exactly, to the last "
    "digit: the stripes are what bicubic downscaling removes without a trace."
)
