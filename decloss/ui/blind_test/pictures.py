"""The pictures of a round on a visitor's own photo: a piece of it, and what two networks make of that."""

from collections.abc import Mapping, Sequence

import numpy as np

from decloss.evaluation.scores import Scores, score
from decloss.files.images import RGBArray
from decloss.pixels import to_tensor
from decloss.ui.parts.tab import Networks
from decloss.views.blind import Candidates
from decloss.views.scene import cut_scene

OWN = "own"
"""What stands for a visitor's own photo in a question."""


def cut_candidates(
    photo: RGBArray, names: Sequence[str], networks: Networks, rng: np.random.Generator, at: tuple[float, float] | None
) -> Candidates:
    """Return a piece of a visitor's photo and what two networks make of it.

    Args:
        photo: (H, W, 3).
        names: the networks.
        networks: where they are found.
        rng: what chooses the piece.
        at: the piece's middle as shares of width and height; None for a random one.

    Raises:
        ImageError: if the photo is too small.
    """
    x, y = at or (float(rng.random()), float(rng.random()))
    scene = cut_scene(photo, x, y)
    results = {name: scene.sr(name, networks.load) for name in names}
    hr = to_tensor(scene.hr)
    scores: Mapping[str, Scores] = {name: score(to_tensor(pixels), hr) for name, pixels in results.items()}
    return Candidates(scene.hr, results, scores, scene.x, scene.y)
