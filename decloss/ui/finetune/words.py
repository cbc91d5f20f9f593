"""The sentences of the Finetune tab."""

INTRODUCTION = (
    "Start from a checkpoint, choose the loss, and train for some minutes: here, in the background, one finetune at a "
    "time, whether this page stays open or not. Then see in Compare what it did to the pictures."
)
ON_WORKERS = (
    "Start from a checkpoint, choose the loss, and train for some minutes: in the background, on machines that wait "
    "for it, whether this page stays open or not. Then see in Compare what it did to the pictures."
)
ON_ZEROGPU = (
    "Start from a checkpoint, choose the loss, and train for some minutes: on ZeroGPU, in slices that your quota "
    "allows, while this page is open. If you leave, or the quota ends, it is saved: come back in this browser, "
    "and go on."
)
SLICE = "On ZeroGPU, while this page is open: {phase}, step {step}."
EQUATIONS = r"""
$$ L = \omega_1 L_1 + \omega_2 L_p + \omega_3 L_d \quad (26) $$

$$ L_d = -\frac{1}{B^*} \sum_i \log \frac{Q_{pos,i}}{Q_{neg,i}} \quad (23) $$
"""
PIXEL = "Right on average, and smooth: what PSNR rewards."
PLUS_DEC = "Mini-patches shall be like their own originals, and unlike others."
PLUS_VGG = "VGG’s features as well: more texture, with the colours held by the pixels."
OWN_WEIGHTS = "Weights of your own, under “Advanced”."
NOBODY_BEFORE = "Nobody is training here now: yours would start at once."
BEFORE_YOURS = "**Place in line:** {count} finetune{s} would be before yours."
WORKERS = "**{workers}** train{verb} here; {count} would be before yours. {wait}"
NO_WORKERS = "**No worker is there now.** What you start waits until one comes."
WOULD_START = "It would start at once."
WOULD_WAIT = "It would start in about {time}, by the speeds measured so far."
UNKNOWN_WAIT = "How long that takes is not known before one has run."
START = "A checkpoint: a network with its trained weights. Your finished ones are here, too."
STEPS = "200 show where a loss pulls; more go further."
PHOTOS = "Yours may be up to 20; they are deleted with the finetune. Scores are always on two built-in photos."
L1 = "Mean absolute error, (24)."
PERCEPTUAL = "VGG-16’s features, (25)."
DEC = "The contrast, (23)."
PATCH_SIZE = "DECLoss compares small squares of the crop, pixels a side. Smaller is slower: there are more."
T_POS = "Temperature of the positives: colder counts the most alike pairs most."
T_NEG = "The same, of the negatives."
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
ESTIMATE_HERE = "It measures on the machine of this page; workers may be faster."
COMMAND = "The same run in a terminal"
COMMAND_HINT = "PHOTOS is a folder of yours, OUT is made."
COMMAND_OWN = " Download {name} first: the line starts from that file."
MINE = "Kept for this browser: they are here when you come back, also after a restart."
LINK = "Whoever has this link sees this finetune and its checkpoint, and can change nothing."
KEY = (
    "Your finetunes belong to this browser, by a secret that it keeps: the owner's key. A viewing link only shows a "
    "finetune. To stop, continue or delete yours from another machine, show the key here and use it there."
)
KEY_SHOWN = "Whoever has it owns all of your finetunes here: keep it as you keep a password. It stands in no link."
NO_KEY = "An owner's key has 43 letters, digits, - and _."
KEY_TAKEN = "This browser has that key now, and with it {count} finetune{s}."
KEY_BEFORE = " Until now it had another key, which owns finetunes as well; copy it if you need them: `{key}`"
CURVES_HINT = (
    "Parts of the loss before weighting, of each step’s own crops, so they jump: *look for* where they go, not for "
    "single steps. Scores are on the validation photos, which are never trained on."
)
PICTURES_HINT = (
    "The same crop of a validation photo, enlarged where the two differ most. *Look for:* what becomes sharper, "
    "and whether it is a detail or a pattern that was never there."
)
SCORES_HINT = (
    "On the two built-in photos that are never trained on, the better in red. PSNR and SSIM with 4 pixels cut from "
    "each side; LPIPS and ICOO (Eq. 11) are better when lower."
)
DELETE = "This removes it with its photos and its checkpoint, for good."
