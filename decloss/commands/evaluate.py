"""``python -m decloss evaluate``."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from decloss.commands.console import refresh_seconds, say
from decloss.devices import to_best_device
from decloss.evaluation import PROTOCOL, evaluate, for_json, list_pairs, mean_scores
from decloss.training.atomic import write_atomically
from decloss.training.checkpoint import read_card, write_card
from decloss.zoo import default_zoo, load_checkpoint

COLUMNS = {
    "psnr_y": ("PSNR-Y", 2),
    "psnr_rgb": ("PSNR-RGB", 2),
    "ssim": ("SSIM", 4),
    "lpips": ("LPIPS", 4),
    "seconds_per_megapixel": ("s/MP", 2),
}


@dataclass(frozen=True)
class Evaluate:
    """Measure checkpoints on a folder: HR/ with optional LR_x4/ inside, or HR images alone."""

    models: tuple[str, ...]
    """Names of checkpoints, .safetensors files, or "bicubic"."""
    data: Path
    """The folder of images."""
    json: Path | None = None
    """Also write every image's scores, the means and the protocol here."""
    csv: Path | None = None
    """Also write every image's scores here, a row for each model and image."""
    record: bool = False
    """Also write the means onto the cards of these checkpoints, under the folder's name."""

    def run(self) -> int:
        pairs = list_pairs(self.data)
        models = {name: to_best_device(load_checkpoint(name)) for name in self.models}
        results: dict[str, list[dict[str, Any]]] = {}
        for name, model in models.items():
            progress = tqdm(pairs, desc=name, unit="image", leave=False, mininterval=refresh_seconds())
            results[name] = list(evaluate(model, progress))
        means = {name: mean_scores(rows) for name, rows in results.items()}
        lr_source = "given LR files" if pairs[0].lr else "LR made by MATLAB's bicubic"
        protocol = f"{PROTOCOL}; {lr_source}"
        print(f"{self.data.name}, {len(pairs)} images; {protocol}")
        print(_table(means))
        missing = next(iter(results.values()))[0]["lpips_missing"]
        if missing:
            say(f"LPIPS is n/a: {missing}")
        if self.json:
            content = {
                "data": self.data.name,
                "protocol": protocol,
                "means": {name: for_json(scores) for name, scores in means.items()},
                "images": {name: [for_json(row) for row in rows] for name, rows in results.items()},
            }
            write_atomically(self.json, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
        if self.csv:
            write_atomically(self.csv, _csv(results).encode())
        if self.record:
            self._record(means, protocol)
        return 0

    def _record(self, means: dict[str, dict[str, float | None]], protocol: str) -> None:
        paths = default_zoo().paths()
        for name in self.models:
            path = Path(name) if name.endswith(".safetensors") else paths.get(name)
            if path is not None:
                card = read_card(path)
                scores = {key: value for key, value in for_json(means[name]).items() if key != "seconds_per_megapixel"}
                card["metrics"][self.data.name] = {**scores, "protocol": protocol}
                write_card(path, card)


def _csv(results: dict[str, list[dict[str, Any]]]) -> str:
    text = io.StringIO()
    columns = ["model", "image", *COLUMNS]
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for name, rows in results.items():
        writer.writerows({"model": name, **row} for row in rows)
    return text.getvalue()


def _table(means: dict[str, dict[str, float | None]]) -> str:
    """Plain text, a row a model."""
    width = max(len(name) for name in means) + 2
    lines = [" " * width + "".join(f"{title:>10}" for title, _ in COLUMNS.values())]
    for name, scores in means.items():
        cells = []
        for key, (_, digits) in COLUMNS.items():
            value = scores[key]
            cells.append("n/a" if value is None else f"{value:.{digits}f}")
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)
