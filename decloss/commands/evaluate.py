"""The command ``python -m decloss evaluate``."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from decloss.commands.console import progress_bar, refresh_seconds, say
from decloss.commands.score_tables import COLUMNS, WITHOUT_INTERVAL, comparison_table, means_table
from decloss.files.atomic import write_atomically
from decloss.zoo.card import read_card, write_card
from decloss.zoo.registry import card_of, default_zoo, load_checkpoint

if TYPE_CHECKING:
    from torch import nn

    from decloss.evaluation.scores import Pair

Rows = list[dict[str, Any]]
Means = dict[str, dict[str, float | None]]
Intervals = dict[str, list[float] | None]
"""The low and the high end of the interval of each column."""


@dataclass(frozen=True)
class Evaluate:
    """Measure checkpoints on images: HR/ with optional LR_x4/ inside a folder, HR images alone, or a benchmark by name.

    Prints the mean over images with its 95 % bootstrap interval. Beside ICOO stands its floor, HR against itself.
    With --json an interrupted run goes on where it stopped when the same command is given again. Images that cannot be
    measured are named and left out; the exit status is then 1.
    """

    data: str
    """A folder of images; or Set5, Set14, BSD100, Urban100 or DIV2K (validation), downloaded once."""
    models: tuple[str, ...] = ()
    """Names of checkpoints, .safetensors files, or "bicubic"; files of other projects if spandrel is installed."""
    compare: tuple[str, str] | None = None
    """Two models: also print how much the first differs from the second, image by image."""
    json: Path | None = None
    """Also write every image's scores, the means and the protocol here."""
    csv: Path | None = None
    """Also write every image's scores here, a row for each model and image."""
    images: Path | None = None
    """Also write every result as a PNG below this folder, in a folder for each model; not among the images."""
    record: bool = False
    """Also write the means onto the cards of these checkpoints, under the folder's name."""

    def run(self) -> int:
        from decloss.data.benchmarks import find_benchmark
        from decloss.evaluation.scores import PROTOCOL, check_pairs, for_json, image_folders, list_pairs, mean_scores
        from decloss.files.apart import require_apart
        from decloss.host.devices import to_best_device

        if not (names := self._names):
            raise ValueError("nothing to measure: give --models, --compare, or both")
        with progress_bar(self.data, "B") as report:
            folder = find_benchmark(self.data, report)
        pairs, data = list_pairs(folder), folder.resolve().name.encode(errors="replace").decode()
        for name in names if self.images else ():
            for read in image_folders(folder):
                require_apart(self._pictures(name), read)
        models = {name: to_best_device(load_checkpoint(name)) for name in names}
        checked = check_pairs(tqdm(pairs, "reading", leave=False, mininterval=refresh_seconds()))
        for line in (*checked.notes, *(f"Left out: {why}" for why in checked.left_out.values())):
            say(line)
        left_out = dict(checked.left_out)
        lr_source = "given LR files" if pairs[0].lr else "LR made by MATLAB's bicubic"
        protocol = f"{PROTOCOL}; {lr_source}"
        measured = {
            name: self._measure(name, model, checked.usable, protocol, left_out) for name, model in models.items()
        }
        results = {name: [row for row in rows if row["image"] not in left_out] for name, rows in measured.items()}
        if len(left_out) == len(pairs):
            say(f"error: none of the images of {folder} can be measured")
            return 1
        count = f"{len(pairs) - len(left_out)} of {len(pairs)}" if left_out else f"{len(pairs)}"
        print(f"{data}, {count} images; {protocol}")
        print(means_table(results))
        if self.compare:
            print(comparison_table(self.compare, results))
        missing = next(iter(results.values()))[0]["lpips_missing"]
        if missing:
            say(f"LPIPS is n/a: {missing}")
        means = {name: mean_scores(rows) for name, rows in results.items()}
        intervals = {name: _intervals(rows) for name, rows in results.items()}
        if self.json:
            content = {
                "data": data,
                "protocol": protocol,
                "means": {name: for_json(scores) for name, scores in means.items()},
                "intervals": intervals,
                "left_out": left_out,
                "images": {name: [for_json(row) for row in rows] for name, rows in results.items()},
            }
            write_atomically(self.json, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
            self._journal.unlink(missing_ok=True)
        if self.csv:
            write_atomically(self.csv, _csv(results).encode(errors="backslashreplace"))
        if self.record and left_out:
            say("Nothing is recorded on cards, since images were left out.")
        elif self.record:
            self._record(data, models, means, intervals, protocol)
        return 1 if left_out else 0

    @property
    def _names(self) -> tuple[str, ...]:
        """The names of all models, each once."""
        return tuple(dict.fromkeys((*self.models, *(self.compare or ()))))

    @property
    def _journal(self) -> Path:
        """The file with the rows that are finished before the JSON is, one line an image."""
        assert self.json is not None
        return self.json.with_name(f".{self.json.name}.rows")

    def _pictures(self, name: str) -> Path:
        """Return the folder for the results of a model."""
        assert self.images is not None
        # Two files may have one name; then their whole paths tell their pictures apart.
        alone = [Path(other).stem for other in self._names].count(Path(name).stem) == 1
        return self.images / (Path(name).stem if alone else re.sub(r"[/\\:]+", "_", name.strip("/")))

    def _measure(self, name: str, model: nn.Module, pairs: list[Pair], protocol: str, left_out: dict[str, str]) -> Rows:
        """Return a row for each image; those that the network cannot upscale are added to ``left_out``."""
        from decloss.evaluation.scores import evaluate
        from decloss.files.images import encode_png
        from decloss.metrics import lpips_is_available

        known = self._known() if self.json else {}
        rows: Rows = []
        for pair in tqdm(pairs, desc=name, unit="image", leave=False, mininterval=refresh_seconds()):
            key = _key(name, model, pair, protocol)
            picture = self._pictures(name) / f"{pair.name}.png" if self.images else None
            row = known.get(key)
            if row is not None and row["lpips_missing"] and lpips_is_available():
                row = None  # it was measured before LPIPS could be
            if row is not None and (picture is None or picture.exists()):
                rows.append(row)
                continue
            keep = None if picture is None else lambda pixels, to=picture: write_atomically(to, encode_png(pixels))
            try:
                (row,) = evaluate(model, [pair], keep)
            except (ValueError, RuntimeError) as error:  # networks of others raise these for sizes they do not take
                left_out[pair.name] = f"{pair.file(pair.hr)}: {name} failed ({str(error).partition(chr(10))[0]})"
                tqdm.write(f"Left out: {left_out[pair.name]}", file=sys.stderr)
                continue
            rows.append(row)
            if self.json:
                self.json.parent.mkdir(parents=True, exist_ok=True)
                with self._journal.open("a", encoding="utf-8") as file:
                    file.write("\n" + json.dumps({"key": key, "row": row}) + "\n")  # a kill may have cut the one before
        return rows

    def _known(self) -> dict[str, dict[str, Any]]:
        if not self._journal.exists():
            return {}
        known = {}
        for line in self._journal.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # a kill cut it
                entry = json.loads(line)
                known[entry["key"]] = entry["row"]
        return known

    def _record(
        self, data: str, models: dict[str, nn.Module], means: Means, intervals: dict[str, Intervals], protocol: str
    ) -> None:
        from decloss.evaluation.scores import for_json

        paths = default_zoo().paths()
        for name in means:
            path = Path(name) if name.endswith(".safetensors") else paths.get(name)
            if path is not None and path.with_suffix(".json").exists():
                card = read_card(path)
                if card["weights"] != card_of(models[name])["weights"]:
                    say(f"{path} has changed meanwhile: nothing is recorded on its card.")
                    continue
                scores = {key: value for key, value in for_json(means[name]).items() if key != "seconds_per_megapixel"}
                ends = {key: intervals[name][key] for key in scores if key not in WITHOUT_INTERVAL}
                card["metrics"][data] = {**scores, "intervals": ends, "protocol": protocol}
                write_card(path, card)


def _key(name: str, model: nn.Module, pair: Pair, protocol: str) -> str:
    """Return a digest that changes with the weights, the images, the protocol, the columns and torch's version."""
    import torch

    from decloss.evaluation.scores import Scores

    weights = card_of(model).get("weights", {}).get("sha256", name)
    # Paths are whole, since unpacked archives may hold files of the same name, size and time.
    paths = [path.resolve() for path in (pair.hr, pair.lr) if path]
    files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    scores = [field.name for field in fields(Scores)]  # a row of an earlier version may lack some
    facts = [weights, pair.name, files, protocol, scores, torch.__version__]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _intervals(rows: Rows) -> Intervals:
    """Return the low and the high end for each column; None if it has no numbers, or infinite ones."""
    from decloss.evaluation.intervals import bootstrap_interval

    found: Intervals = {}
    for column in COLUMNS:
        values = [row[column] for row in rows if row[column] is not None]
        ends = bootstrap_interval(values) if values else (float("inf"),) * 2
        found[column] = list(ends) if all(abs(end) < float("inf") for end in ends) else None
    return found


def _csv(results: dict[str, Rows]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["model", "image", *COLUMNS], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for name, rows in results.items():
        writer.writerows({"model": name, **row} for row in rows)
    return text.getvalue()
