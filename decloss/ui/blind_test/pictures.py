"""Where the pictures of a round come from: the examples' shared results, or a piece of the visitor's own photo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from decloss.evaluation.scores import Scores, score
from decloss.files.images import RGBArray
from decloss.pixels import to_tensor
from decloss.ui.blind_test.tally import AllScores
from decloss.ui.parts.tab import Networks
from decloss.views.blind import Candidates
from decloss.views.example_results import ExampleResults
from decloss.views.scene import cut_scene

OWN = "own"
"""What stands for a visitor's own photo in a vote."""


@dataclass(frozen=True)
class Examples:
    """The example photos with what all networks made of them, as far as that is ready."""

    results: ExampleResults

    def ready(self) -> dict[str, Candidates]:
        """Return the photos by file name, those with at least two results."""
        found = {}
        for name, example in self.results.by_name().items():
            done = dict(example.results)
            scores = {each: result.scores for each, result in done.items() if result.scores is not None}
            if len(scores) > 1 and example.task.hr is not None:
                pictures = {each: done[each].pixels for each in scores}
                found[name] = Candidates(example.task.hr, pictures, scores)
        return found

    def want_more(self) -> None:
        """Have the results of photos made that lack some, one photo at a time."""
        for example in self.results.by_name().values():
            if example.lacks(self.results.names):
                self.results.want(example)
                return

    def scores(self) -> AllScores:
        """Return the metrics of all results by photo and network."""
        ready = self.ready()
        return {(photo, name): scores for photo, found in ready.items() for name, scores in found.scores.items()}


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
