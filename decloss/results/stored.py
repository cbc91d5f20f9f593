"""What was measured, as it is stored in docs/results, and what the paper prints, as it is stored in assets/paper."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decloss.evaluation.equal_psnr import Twins

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent
RESULTS = ROOT / "docs" / "results"
PAPER = (PACKAGE if (PACKAGE / "assets").is_dir() else ROOT) / "assets" / "paper"  # a wheel has it in the package
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Evaluation:
    """The scores of models on one benchmark, image by image."""

    data: str
    """The name of the benchmark."""
    protocol: str
    """A description of how it was measured."""
    rows: dict[str, Rows]
    """Model -> one row for each image; all models have the images in the same order."""

    @property
    def images(self) -> int:
        """The number of images."""
        return len(next(iter(self.rows.values())))

    def mean(self, model: str, column: str) -> float | None:
        """Return the mean over images; None if the model was not measured, or had no numbers in this column."""
        from decloss.evaluation.scores import mean_scores  # with torch, which the place of what is stored needs not

        return mean_scores(self.rows[model]).get(column) if model in self.rows else None


@dataclass(frozen=True)
class Stored:
    """Everything that the report and the app's Paper tab show."""

    evaluations: dict[str, Evaluation]
    """The evaluations by the benchmark's name."""
    experiments: dict[str, Any]
    """The groups of short finetunes, as benchmarks/experiments.py writes them; empty if there are none."""
    patch_sizes: dict[str, Any]
    """The loss's cost by size of the mini-patches, from benchmarks/loss.py; empty if it was not measured."""
    training_cost: dict[str, Any]
    """The training's cost by row of Table 1, from benchmarks/training.py; empty if it was not measured."""
    twins: dict[str, dict[str, Twins]] = field(default_factory=dict)
    """The scores of models' sharpened pictures, by the benchmark's name, from benchmarks/twins.py; may be empty."""


def load_stored(folder: Path = RESULTS) -> Stored:
    """Read evaluations/*.json from ``folder``, and the other stored results if they are there.

    Raises:
        ValueError: if there is no evaluation, a file is not one of ours, or two files do not fit each other.
    """
    names = ("experiments", "patch-sizes", "training-cost")
    experiments, patch_sizes, cost = (_json(folder / f"{name}.json") for name in names)
    twins = {path.stem: _twins(path) for path in sorted((folder / "twins").glob("*.json"))}
    return Stored(_evaluations(folder / "evaluations"), experiments, patch_sizes, cost, twins)


def paper_rows(table: int) -> list[dict[str, Any]]:
    """Return the rows of the paper's table 1, 2 or 3 as printed."""
    return json.loads((PAPER / f"table{table}.json").read_bytes())["rows"]


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes()) if path.exists() else {}
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error


def _twins(path: Path) -> dict[str, Twins]:
    content = _json(path)
    if not isinstance(content, dict) or "twins" not in content:
        raise ValueError(f"{path} was not written by benchmarks/twins.py")
    return {_model(name): found for name, found in content["twins"].items()}


def _evaluations(folder: Path) -> dict[str, Evaluation]:
    """Return by benchmark all that was measured on it, in however many files."""
    found: dict[str, Evaluation] = {}
    for path in sorted(folder.glob("*.json")):
        content = _json(path)
        if not isinstance(content, dict) or not {"data", "protocol", "images"} <= content.keys():
            raise ValueError(f'{path} was not written by "evaluate --json"')
        rows = {_model(name): entry for name, entry in content["images"].items()}
        if len(rows) < len(content["images"]):
            raise ValueError(f"{path} has two models of one name")
        evaluation = Evaluation(content["data"], content["protocol"], rows)
        before = found.get(evaluation.data)
        if before is not None:
            if before.protocol != evaluation.protocol or _names(before) != _names(evaluation):
                raise ValueError(f"{path} was measured by another protocol or on other images than the files before it")
            evaluation = Evaluation(before.data, before.protocol, {**before.rows, **rows})
        found[evaluation.data] = evaluation
    if not found:
        raise ValueError(f'no evaluations in {folder}: write some with "evaluate --json"')
    return found


def _model(name: str) -> str:
    """Return the model's name; a checkpoint that was given by its path goes by its file's name."""
    return Path(name).stem if name.endswith(".safetensors") else name


def _names(evaluation: Evaluation) -> list[str]:
    return [row["image"] for row in next(iter(evaluation.rows.values()))]
