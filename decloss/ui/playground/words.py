"""The texts of the COO playground: its finding, its formula, what to look for, and the frame of what is drawn."""

FINDING = (
    "Several HR details fit one LR image, and a network that sees only LR must give one answer. **MSE and L1 lead it to "
    "the middle of them, which is none of them, and the printed DECLoss does not lead it out:** between equally frequent "
    "details it stays. Temperatures *inside* the exponent, at 0.3 and 1.5, do. Press a preset and watch."
)

FORMULA = r"""
Where all LR images are alike and a picture is one mini-patch, DECLoss, Eq. (21) to (23), becomes

$$\begin{aligned} L_d = & -\sum_k w_k \log \frac{w_k\, h(c_k)}{\sum_{j \neq k} w_j\, h(c_j)} \\ & + \log \frac{t_{pos}}{t_{neg}} \end{aligned}$$

with *w*ₖ the share of the pictures that show detail (mode) *k*, *c*ₖ the output's cosine to it, and
*h*(*c*) = e + 2 e*ᶜ*.
"""

WHY = """
## Why DECLoss stays, or goes

- **Two equal modes:** the formula above is the same number for every output: what the pictures of one mode gain by a
  step, those of the other lose. There is no gradient, so the output stays where it is: also in the centre.
- **Unequal modes:** the loss falls towards the more frequent one and on past it, away from the other. Cosines see
  neither contrast nor, nearly, low frequencies; only a pixel loss beside it settles those.
- **Three or more equal modes:** the loss is least where all cosines are equal. That is again in the middle.
- **Temperatures inside** the exponent change this. At 0.5 and 1.5 the output is drawn to the mean; at 0.3 and 1.5 the
  mean is a ridge, and the output slides down to one mode. Printed outside they have no gradient at all.
- **Several mini-patches a picture:** the other places are negatives too. Then even equal modes give a gradient, but
  towards neither of them: both cosines stay alike.

In photos LR images are never quite the same; add noise and see that any loss, MSE too, can then learn them by heart.
"""

HINT = (
    "*Look for* where the line in the plane ends: at a mode, or between them. Discs are the modes, their area the share "
    "of the pictures; dots are the outputs for each picture's own LR, which differ once there is noise. In the curves, "
    "which distance falls to zero? All modes give this LR exactly: the stripes are what bicubic downscaling removes "
    "without a trace.\n\n"
    "*ICOO ↑ here, ICOO ↓ in the COO tab:* in photos the SR mini-patch's own detail is not among the candidates, a "
    "blurred one is near to many, and lower is better. Here there are only a few details and each is itself a "
    "candidate: a sharp output finds its match and scores high, near HR against itself, and blur scores low."
)

STAGE = (
    '<div class="toy-stage"><div class="toy-head"><strong class="toy-status" role="status"></strong>'
    '<label>Speed <select aria-label="Speed of watching"><option value="0.5">½ ×</option>'
    '<option value="1" selected>1 ×</option><option value="2">2 ×</option><option value="4">4 ×</option></select>'
    '</label><p id="toy-verdict"></p></div>'
    '<div class="toy-pictures"><figure id="toy-output"><canvas role="img" '
    'aria-label="What the network makes of the LR image now"></canvas><figcaption>output now</figcaption></figure>'
    '<div class="toy-details"></div></div>'
    '<figure class="toy-plane"><svg viewBox="0 0 400 400" role="img" '
    'aria-label="The plane of the modes with the way of the output"></svg><figcaption><span class="toy-key now">output'
    '</span><span class="toy-key mean">mean</span><span class="toy-key median">median</span><span '
    'class="toy-key plain">bicubic</span></figcaption></figure>'
    '<figure class="toy-curves"><svg viewBox="0 0 400 396" role="img" '
    'aria-label="Distances, loss and ICOO over the steps"></svg></figure>'
    '<div id="toy-numbers"><table></table><p class="toy-pairs"></p></div></div>'
)
"""The frame of what ``stage.js`` draws."""
