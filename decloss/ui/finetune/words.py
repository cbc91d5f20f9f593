"""The sentences of the Finetune tab."""

INTRODUCTION = (
    "Start from a checkpoint, choose the loss, and train for some minutes: here, in the background, one finetune at a "
    "time, whether this page stays open or not. Then see in Compare what it did to the pictures."
)
ON_ZEROGPU = (
    "Start from a checkpoint, choose the loss, and train for some minutes: on ZeroGPU, in slices that your quota "
    "allows, while this page is open. If you leave, or the quota ends, it is saved: come back by its private link "
    "and go on."
)
SLICE = "On ZeroGPU, while this page is open: {phase}, step {step}."
EQUATIONS = r"""
$$ L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$

$$ L_d = -\frac{1}{B^*} \sum_i \log \frac{Q_{pos,i}}{Q_{neg,i}} \quad (23) $$
"""
START = "What it is before. Yours are here as well, once they are finished."
STEPS = "200 show where a loss pulls; more go further."
PHOTOS = "Yours may be up to 20; they are deleted with the finetune. Scores are always on two built-in photos."
L1 = "Of the pixels, (24)."
PERCEPTUAL = "Of VGG-16’s features, (25)."
DEC = "Of DECLoss, (23)."
PATCH_SIZE = "Side of a mini-patch. Smaller is slower: there are more."
ALPHA = "The mask’s peak. With η in dB it moves the threshold by −40 log₁₀ α."
MU = "Of the HR crop: how much of the low frequencies the mask leaves."
SHARE = "η is found from it, once, on the first batches."
ETA = "Pairs with M ≥ η are positives."
READING = "The sums, or the exponents."
LEARNING_RATE = "Of Adam, at first; it falls to zero as half a cosine."
BATCH = "Photos a step. DECLoss compares the mini-patches of all."
CROP = "Side of the LR crop, pixels; the HR crop has four times as many."
SEED = "Draws the crops."
BEFORE_ESTIMATE = "Measures a few steps here first. You can start without."
COMMAND = "The same run in a terminal"
COMMAND_HINT = "PHOTOS is a folder of yours, OUT is made."
COMMAND_OWN = " Download {name} first: the line starts from that file."
MINE = "Kept for this browser: they are here when you come back, also after a restart."
LINK = "Whoever has this link sees this finetune, and may stop or delete it."
CURVES_HINT = (
    "Parts of the loss before weighting, of each step’s own crops, so they jump: *look for* where they go, not for "
    "single steps. Scores are on the validation photos, which are never trained on."
)
PICTURES_HINT = (
    "The same crop of a validation photo, before the first step and as it is now. *Look for:* what becomes sharper, "
    "and whether it is a detail or a pattern that was never there."
)
SCORES_HINT = (
    "On the two built-in photos that are never trained on, the better in red. PSNR and SSIM with 4 pixels cut from "
    "each side; LPIPS and ICOO (Eq. 11) are better when lower."
)
DELETE = "This removes it with its photos and its checkpoint, for good."
