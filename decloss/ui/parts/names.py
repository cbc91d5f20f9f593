"""Plain names for networks, for those who do not know how checkpoints are named here."""

from decloss.zoo.registry import BICUBIC, SHARPENED, TWIN_OF

FAMILIES = {"edsr": "EDSR", "rrdb": "RRDB"}
TERMS = {"l1": "pixel loss", "vgg": "VGG", "dec": "DECLoss", "gan": "GAN", "ragan": "RaGAN"}
"""The terms of a loss as visitors read them, by the part of a checkpoint's name that stands for them."""


def plain_name(name: str) -> str:
    """Return what visitors read for the checkpoint ``name``; a name that says nothing of its loss is left as it is.

    >>> plain_name("edsr-l1"), plain_name("edsr-l1-vgg-dec-ragan"), plain_name("rrdb-l1-vgg-dec")
    ('EDSR · pixel loss', 'EDSR + VGG + DECLoss + RaGAN', 'RRDB + VGG + DECLoss')
    """
    if name == BICUBIC:
        return "Bicubic · no network"
    if name == SHARPENED:
        return f"{plain_name(TWIN_OF)}, sharpened"
    family, *terms = name.split("-")
    if family not in FAMILIES or not terms or terms[0] != "l1" or not set(terms) <= set(TERMS):
        return name
    if len(terms) == 1:
        return f"{FAMILIES[family]} · {TERMS[terms[0]]}"
    return " + ".join([FAMILIES[family], *(TERMS[term] for term in terms[1:])])
