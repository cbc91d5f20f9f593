"""The results of the example photos, which are made once for all visitors and tabs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decloss.evaluation.scores import Scores
from decloss.files.examples import example_photos
from decloss.ui.parts.tab import Networks
from decloss.views.blind import Candidates
from decloss.views.example_results import ExampleResults, read_weights
from decloss.views.kept_results import KeptResults
from decloss.zoo.checkpoint import CheckpointError

FIRST_PAIR = ("edsr-l1", "edsr-l1-dec")
"""The networks that visitors see first: trained for PSNR, and with DECLoss as well."""
FOLDER = "examples"
"""The folder in the app's data where results are kept between starts."""
PATIENCE = 15.0
"""The seconds for which the start waits for the first pair, if it was not kept."""


def start_examples(networks: Networks, data: Path) -> ExampleResults:
    """Begin to make the examples' results, kept below ``data``, and return them once the first pair is there."""

    def weights(name: str) -> str:
        try:
            return read_weights(networks.zoo.card(name))
        except CheckpointError:
            return ""

    paths = [Path(path) for path, _ in example_photos()]
    first = first_pair(networks.names)
    compared = networks.ahead().with_twin()
    results = ExampleResults(KeptResults(data / FOLDER), paths, compared.names, first, compared.load, weights)
    results.start()
    if (example := results.default()) is not None:
        results.wait(example, 0, PATIENCE, first)
    return results


def first_pair(names: Sequence[str]) -> tuple[str, str]:
    """Return ``FIRST_PAIR``, or the second and the last of ``names`` (the first is bicubic) where these are not."""
    if set(FIRST_PAIR) <= set(names):
        return FIRST_PAIR
    return names[min(1, len(names) - 1)], names[-1]


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

    def scores(self) -> Mapping[tuple[str, str], Scores]:
        """Return the metrics of all results by photo and network."""
        ready = self.ready()
        return {(photo, name): scores for photo, found in ready.items() for name, scores in found.scores.items()}
