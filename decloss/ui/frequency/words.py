"""The texts of the Frequency tab."""

from decloss.ui.parts.tips import tip

INTRODUCTION = (
    "Before it compares anything, DECLoss turns down what is coarse in a picture and keeps what is fine. **Move μ** "
    "and see how much of the coarse is left."
)
MASK_HINT = (
    "<p>The dot is " + tip("DC", "frequency") + ", dashed is what LR can hold; point at a frequency, or use the arrow "
    "keys. <em>Look for:</em> the printed mask is bright in the middle, where an unshifted transform has its "
    "<em>highest</em> frequencies; with DC in the centre it is the Gaussian turned upside down. And the axes: a detail "
    "that is purely horizontal keeps the small weight that DC has in the vertical.</p>"
)
FORMULA = r"""
The Fourier transforms of SR and of HR are multiplied by one mask, K down its side times K along its top. The paper
gives neither α nor μ a value.

$$ Y^* = F^{-1}\!\left[\left(K^{H}\right)^{T} K^{W} \cdot F[Y]\right] $$

$$ K^{N}_i = \alpha\, e^{-\left(i-\frac{N-1}{2}\right)^2 /\, 2\mu^2} $$

Eq. 12 to 17 of the paper.
"""
PICTURES_TITLE = "## What it does to the pictures\nThe loss sees only the enhanced ones."
PICTURES_HINT = (
    "*Look for:* texture that HR has and SR lacks, easier to see here than in the photo; and for brightness that comes "
    "back as μ grows.\n\n"
    "Spectra: logarithm of the magnitude, one scale for both, DC in the centre, mean removed and under a Hann window. "
    "Enhanced: mid-grey is zero, and the values are multiplied as written below them, the same for both; the factor is "
    "the one at which 99 % of HR’s values would fit for α = 1, so that you see what α does."
)
ENERGY_TITLE = "## Energy by frequency\nMean power around DC, before (thin) and after (thick)."
ENERGY_HINT = (
    "*Look for:* left of the dashed line SR follows HR; right of it SR of a network trained for PSNR falls below: "
    "details that the input does not tell. Enhancement gives that part more of the say, but to both alike: the gap "
    "stays.\n\n"
    "Of the transform as the loss takes it: no window, so that the jump from each edge of the crop to the opposite one "
    "counts."
)
MU = "How much of the coarse remains: small, only the finest detail; large, nearly all."
ALPHA = "Only scales, by α². Cosines do not feel it; M moves by −40 log₁₀ α dB."
MODEL = "The loss compares this network’s picture with HR, the original."
