"""``python -m decloss report``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decloss.evaluation import SCALE, to_pixels, to_tensor
from decloss.example_photos import example_photos
from decloss.figures.correlation import icoo_against_lpips
from decloss.figures.crops import crops_side_by_side
from decloss.images import decode_photo
from decloss.inference import upscale
from decloss.models import make_lr
from decloss.training.atomic import write_atomically
from decloss.zoo import available_checkpoints, load_checkpoint

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("PSNR-RGB", "PSNR-Y", "LPIPS", "ICOO")
COLUMNS = (("psnr_rgb", 2), ("psnr_y", 2), ("lpips", 4), ("icoo", 2))
NOT_RUN = "not ours to run"
NOT_TRAINED = "not trained yet"
PLACES = {
    "chelsea.png": ("fur and eye", 96, 112),
    "china.jpg": ("roof", 176, 288),
    "coffee.png": ("spoon", 212, 356),
    "astronaut.png": ("badge", 296, 296),
}
"""Photo -> what is there, and its top left corner."""
SIDE = 96
HEAD = """# Results beside the paper's

Written by `python -m decloss report` from the files in `evaluations/`, which `python -m decloss evaluate --json` wrote.
The paper's numbers are those printed in its tables, never ours; ours are means over images, by the protocol below.
The two are measured on different data and cannot be compared digit by digit: look at the order of the rows.
"""


@dataclass(frozen=True)
class Report:
    """Rebuild the paper's tables and figures, as far as our checkpoints allow, from stored evaluations."""

    evaluations: Path = ROOT / "docs" / "results" / "evaluations"
    """Folder of JSON files that "evaluate --json" wrote, one for each benchmark."""
    out: Path = ROOT / "docs" / "results"
    """Where README.md and the figures go."""

    def run(self) -> int:
        measured = _evaluations(self.evaluations)
        sections = [HEAD, _protocols(measured), _table_1(measured), _table_3(measured)]
        for data, content in measured.items():
            points = {
                name: (means["icoo"], means["lpips"])
                for name, means in content["means"].items()
                if means["lpips"] is not None
            }
            if points:
                path = self.out / f"icoo-{data}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                icoo_against_lpips(points, data).savefig(path, dpi=150)
                sections.append(
                    f"## Fig. 5, on {data}\n\n![ICOO against LPIPS over our models on {data}]({path.name})\n"
                )
        sections.append(self._crops())
        write_atomically(self.out / "README.md", "\n".join(sections).encode())
        print(self.out / "README.md")
        return 0

    def _crops(self) -> str:
        """Fig. 4 and 7 with our checkpoints, on photos that come with scikit-image and scikit-learn."""
        models = {name: load_checkpoint(name) for name in ("bicubic", *available_checkpoints())}
        rows, credits = [], []
        for path, credit in example_photos():
            place = PLACES.get(Path(path).name)
            if place is None:
                continue
            words, top, left = place
            hr = to_tensor(decode_photo(Path(path)).pixels)
            hr = hr[..., : hr.shape[-2] // SCALE * SCALE, : hr.shape[-1] // SCALE * SCALE]
            lr = make_lr(hr)
            images = {"HR": hr, **{name: upscale(model, lr) for name, model in models.items()}}
            inside = (slice(top, top + SIDE), slice(left, left + SIDE))
            rows.append((words, {name: to_pixels(image)[inside] for name, image in images.items()}))
            credits.append(credit)
        crops_side_by_side(rows).savefig(self.out / "crops.png", dpi=110)
        names = ", ".join(models)
        return f"## Fig. 4 and 7\n\n![Crops of HR, {names}](crops.png)\n\nPhotos: {'; '.join(credits)}.\n"


def _evaluations(folder: Path) -> dict[str, dict[str, Any]]:
    """Benchmark -> what was measured on it.

    Raises:
        ValueError: if there is none, or a file is not one of ours.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or not {"data", "protocol", "means"} <= content.keys():
            raise ValueError(f'{path} was not written by "evaluate --json"')
        found[content["data"]] = content
    if not found:
        raise ValueError(f'no evaluations in {folder}: write some with "evaluate --json"')
    return found


def _protocols(measured: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"- **{data}**, {len(next(iter(content['images'].values())))} images: {content['protocol']}"
        for data, content in measured.items()
    ]
    return "## Protocol\n\n" + "\n".join(lines) + "\n"


def _table_1(measured: dict[str, dict[str, Any]]) -> str:
    """The ten configurations: the paper's columns, then ours for each benchmark."""
    paper = json.loads((ROOT / "assets" / "paper" / "table1.json").read_bytes())
    ours = [f"{data}: {title}" for data in measured for title in OURS]
    printed = [f"paper: {title}" for title in ("PSNR", "LPIPS", "ICOO", "GPU hours")]
    rows = [["row", "configuration", *printed, *ours]]
    for row in paper["rows"]:
        name = row["name"]
        figures = [
            f"{row[key]:.{digits}f}" for key, digits in (("psnr", 2), ("lpips", 3), ("icoo", 2), ("gpu_hours", 2))
        ]
        cells = [cell for content in measured.values() for cell in _ours(content, name)]
        rows.append([str(row["row"]), f"`{name}`", *figures, *cells])
    return f"## Table 1\n\nThe paper's columns are on {paper['data']}.\n\n{_markdown(rows, words=2)}\n"


def _table_3(measured: dict[str, dict[str, Any]]) -> str:
    """Methods on benchmarks; ours beside the paper's where both exist."""
    paper = json.loads((ROOT / "assets" / "paper" / "table3.json").read_bytes())
    printed = [f"paper: {title}" for title in ("PSNR", "LPIPS", "ICOO")]
    rows = [["data", "method", "our checkpoint", *printed, *(f"ours: {title}" for title in OURS)]]
    for row in paper["rows"]:
        figures = [f"{row[key]:.{digits}f}" for key, digits in (("psnr", 2), ("lpips", 3), ("icoo", 2))]
        model, content = row["model"], measured.get(row["data"])
        if model is None:
            cells = ["", "", "", ""]
        else:
            cells = _ours(content, model) if content else ["not measured", "", "", ""]
        rows.append([row["data"], row["method"], f"`{model}`" if model else NOT_RUN, *figures, *cells])
    return f"## Table 3\n\n{_markdown(rows, words=3)}\n"


def _ours(content: dict[str, Any], name: str) -> list[str]:
    """Our four numbers for a checkpoint on one benchmark."""
    means = content["means"].get(name)
    if means is None:
        return [NOT_TRAINED, "", "", ""]
    return ["n/a" if means[key] is None else f"{means[key]:.{digits}f}" for key, digits in COLUMNS]


def _markdown(rows: list[list[str]], words: int) -> str:
    """A table whose first ``words`` columns are text."""
    rule = [":--"] * words + ["--:"] * (len(rows[0]) - words)
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]])
