"""One sentence a network on what to look for in its pictures, its faults included."""

from decloss.zoo.registry import BICUBIC, SHARPENED

LOOK_FOR = {
    BICUBIC: "Interpolation, nothing learned: true colours, everything soft, steps along slanted edges.",
    "edsr-l1": "Clean edges and the best PSNR; fur, leaves and brick are averaged into smooth areas.",
    SHARPENED: "Pixel loss after an unsharp mask, nothing learned: crisper edges, but no texture that was missing.",
    "edsr-l1-dec": "Crisper lines and fine detail than with pixel loss alone; light and dark rims along edges.",
    "edsr-l1-vgg": "Clearer texture than pixel loss, true colours; a fine regular grid lies over fur, leaves and skin.",
    "edsr-l1-vgg-gan": "Sharper than with VGG alone, nearly true colours; it invents specks in fur and along edges.",
    "edsr-l1-vgg-ragan": "Sharp; a pattern of dots in fur and over even areas, and colours that are slightly off.",
    "edsr-l1-vgg-dec": "Much like the one without DECLoss: clearer texture, true colours, and a fine grid.",
    "edsr-l1-vgg-dec-ragan": "The best LPIPS and the sharpest edges; it invents a woven pattern where fur is fine.",
    "rrdb-l1-vgg-dec": "Softer than the EDSR networks: its first stage was shorter; true colours, faint grid in fur.",
    "rrdb-l1-vgg-ragan": "Crisp, with light rims along strong edges; fur becomes blotches, and colours are a bit off.",
    "rrdb-l1-vgg-dec-ragan": "Much like the one without DECLoss; stronger rims along edges; strong reds turn too red.",
}
"""What is true of the shipped weights on the example photos, by the checkpoint's name."""
ADVERSARIAL = "Trained with a discriminator: look for invented texture and patterns in even areas."
PERCEPTUAL = "Trained with VGG features: look for clearer texture, and for grids and shifted colours in even areas."
CONTRASTIVE = "Trained with DECLoss: look for crisper detail, and for rims along edges."
PIXELS = "Trained with a pixel loss alone: look for clean edges, and for texture that is averaged away."
UNKNOWN = "Not one of ours, so look for both: texture that is missing, and texture that was never there."


def look_for(name: str, training: object = None) -> str:
    """Return the sentence for the checkpoint ``name``.

    Args:
        name: the checkpoint's name.
        training: what its card says of its training, a list of stages; a card from elsewhere may hold anything.
    """
    if name in LOOK_FOR:
        return LOOK_FOR[name]
    last = training[-1] if isinstance(training, list) and training else None
    if not isinstance(last, dict):
        return UNKNOWN
    losses = last.get("losses")
    if not isinstance(losses, dict):
        return PIXELS if "l1_weight" in last else UNKNOWN
    for key, sentence in (
        ("adversarial_weight", ADVERSARIAL),
        ("perceptual_weight", PERCEPTUAL),
        ("dec_weight", CONTRASTIVE),
    ):
        weight = losses.get(key)
        if isinstance(weight, int | float) and weight > 0:
            return sentence
    return PIXELS
