"""Which short finetunes there are: groups of settings that are varied one at a time, as options of ``train``."""

from dataclasses import dataclass, field
from typing import Any

TEMPERATURES = (0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
BASE = {"l1-weight": 1.0, "dec-weight": 0.1, "positive-share": 0.01, "mu-share": 0.25, "temperature": "outside"}
VGG = {"l1-weight": 0.01, "perceptual-weight": 1.0, "trunk": "vgg16"}
RAGAN = {"adversarial": "ragan", "discriminator-features": 32}
INSIDE = {"temperature": "inside"}
AVERAGED = {"ema": 0.99}
NO_MASK = 1e5
Variants = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Group:
    """Runs that are compared with each other."""

    title: str
    variants: Variants
    """Name -> what differs from ``base``."""
    steps: int = 300
    crop: int = 32
    seeds: int = 1
    recipe: str = "edsr-l1-dec"
    base: dict[str, Any] = field(default_factory=lambda: BASE)
    program: tuple[str, ...] = ("decloss", "train")
    """What trains: ``benchmarks.controls`` knows terms that the library lacks."""
    twins: dict[str, str] = field(default_factory=dict)
    """Variant with DECLoss -> the one without, which it must beat even if that one's pictures are sharpened."""


def temperatures() -> Variants:
    """The paper's Fig. 6 by the reading of SimCLR, and two runs by the printed one."""
    found = {f"inside, {t:g}, 1.5": {**INSIDE, "t-pos": t, "t-neg": 1.5} for t in TEMPERATURES}
    found |= {f"inside, 0.5, {t:g}": {**INSIDE, "t-pos": 0.5, "t-neg": t} for t in TEMPERATURES}
    return {"printed, 0.5, 1.5": {}, "printed, 8, 0.5": {"t-pos": 8.0, "t-neg": 0.5}, **found}


def beside_vgg(l1: float, dec: float = 0.0, ragan: float = 0.0) -> Variants:
    """One run with these weights and VGG's 1, under a name that says them."""
    terms = {"L1": l1, "VGG": 1.0, "DECLoss": dec, "RaGAN": ragan}
    name = ", ".join(term if term == "VGG" else f"{term} {weight:g}" for term, weight in terms.items() if weight)
    adversarial = {**RAGAN, "adversarial-weight": ragan} if ragan else {}
    return {name: {"l1-weight": l1, "dec-weight": dec, **adversarial}}


GROUPS = {
    "settings": Group(
        "Settings of DECLoss",
        {
            "L1 alone": {"dec-weight": 0.0},
            "base": {},
            "weight 0.01": {"dec-weight": 0.01},
            "weight 0.03": {"dec-weight": 0.03},
            "weight 0.3": {"dec-weight": 0.3},
            "no enhancement": {"mu-share": NO_MASK},
            "share 10 %": {"positive-share": 0.1},
            "share 0.1 %": {"positive-share": 0.001},
            "mu 0.16": {"mu-share": 0.16},
            "mu 0.5": {"mu-share": 0.5},
            "inside": INSIDE,
            "inside, share 10 %": {**INSIDE, "positive-share": 0.1},
            "inside, mu 0.5": {**INSIDE, "mu-share": 0.5},
            "inside, weight 0.3": {**INSIDE, "dec-weight": 0.3},
            "inside, mu 0.5, share 10 %, weight 0.3": {
                **INSIDE,
                "mu-share": 0.5,
                "positive-share": 0.1,
                "dec-weight": 0.3,
            },
            "inside, no enhancement": {**INSIDE, "mu-share": NO_MASK},
        },
        seeds=2,
    ),
    "perceptual": Group(
        "Beside the perceptual term",
        {
            "VGG": {"dec-weight": 0.0},
            "VGG, DECLoss 1": {"dec-weight": 1.0},
            "VGG, DECLoss 5": {"dec-weight": 5.0},
            "VGG, DECLoss 15": {"dec-weight": 15.0},
            "VGG, RaGAN 0.5": {"dec-weight": 0.0, **RAGAN, "adversarial-weight": 0.5},
            "VGG, RaGAN 3": {"dec-weight": 0.0, **RAGAN, "adversarial-weight": 3.0},
        },
        seeds=2,
        recipe="edsr-l1-vgg-dec",
        base={**BASE, **VGG, **INSIDE},
    ),
    "patch-size": Group(
        "Table 2",
        {f"P {p}": {"patch-size": p} for p in (8, 4, 3, 2, 1)},
        steps=100,
        crop=16,
        base={**BASE, **INSIDE},
    ),
    "temperatures": Group("Fig. 6", temperatures(), steps=100),
    "colours": Group(
        "What holds the colours: L1 beside VGG and DECLoss",
        {
            **beside_vgg(10),
            **beside_vgg(10, 3),
            **beside_vgg(1),
            **beside_vgg(1, 1),
            **beside_vgg(3),
            **beside_vgg(3, 1),
            **beside_vgg(10, 1),
            **beside_vgg(3, 3),
            **beside_vgg(10, 5),
            **beside_vgg(1, 3),
            **beside_vgg(0.1),
            **beside_vgg(0.1, 1),
            "L1 10, VGG, DECLoss 3, share 0.1 %": {"l1-weight": 10.0, "dec-weight": 3.0, "positive-share": 0.001},
        },
        steps=200,
        seeds=2,
        recipe="edsr-l1-vgg-dec",
        base={**BASE, **VGG, **INSIDE, **AVERAGED},
        twins={
            f"L1 {l1}, VGG, DECLoss {dec}": f"L1 {l1}, VGG"
            for l1, dec in ((1, 1), (1, 3), (3, 1), (3, 3), (10, 1), (10, 3), (10, 5))
        },
    ),
    "adversarial": Group(
        "What holds the colours: L1 beside VGG and RaGAN",
        {
            **beside_vgg(10, ragan=0.5),
            **beside_vgg(10, ragan=2),
            **beside_vgg(3, ragan=0.5),
            **beside_vgg(10, 3, ragan=2),
            **beside_vgg(1, ragan=0.5),
            **beside_vgg(10, 3, ragan=0.5),
            **beside_vgg(0.1, ragan=0.5),
        },
        steps=200,
        seeds=2,
        recipe="edsr-l1-vgg-dec-ragan",
        base={**BASE, **VGG, **INSIDE, **AVERAGED},
        twins={f"L1 10, VGG, DECLoss 3, RaGAN {weight}": f"L1 10, VGG, RaGAN {weight}" for weight in (0.5, 2)},
    ),
    "along": Group(
        "Along ω₃, beside VGG and RaGAN",
        {name: changes for dec in (0, 5, 1, 3) for name, changes in beside_vgg(10, dec, ragan=0.5).items()},
        steps=200,
        recipe="edsr-l1-vgg-dec-ragan",
        base={**BASE, **VGG, **INSIDE, **AVERAGED},
        twins={f"L1 10, VGG, DECLoss {weight}, RaGAN 0.5": "L1 10, VGG, RaGAN 0.5" for weight in (5, 1, 3)},
    ),
    "controls": Group(
        "Controls beside L1",
        {
            "L1 alone": {"dec-weight": 0.0},
            "DECLoss 0.1": {},
            "DECLoss 0.3": {"dec-weight": 0.3},
            "DECLoss 1": {"dec-weight": 1.0},
            "L1 enhanced 10": {"dec-weight": 0.0, "enhanced-l1-weight": 10.0},
            "L1 enhanced 100": {"dec-weight": 0.0, "enhanced-l1-weight": 100.0},
            "own cosine 0.1": {"dec-weight": 0.0, "own-cosine-weight": 0.1},
            "own cosine 1": {"dec-weight": 0.0, "own-cosine-weight": 1.0},
        },
        steps=200,
        seeds=2,
        base={**BASE, **INSIDE, **AVERAGED},
        program=("benchmarks.controls",),
        twins={f"DECLoss {weight}": "L1 alone" for weight in (0.1, 0.3)},
    ),
}
