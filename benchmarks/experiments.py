"""Short finetunes: what the paper leaves open, its Table 2 (size of the mini-patches), its Fig. 6 (temperatures).

    python -m benchmarks.experiments run --data PHOTOS --validate KODAK --out RUNS     # hours on a CPU; resumes
    python -m benchmarks.experiments table --out RUNS                                  # what is finished so far
    python -m benchmarks.experiments table --out RUNS --json docs/results/experiments.json
    python -m benchmarks.experiments table                                             # what is stored there

Within a group each choice is varied on its own; every run has the same stage-one checkpoint, crops, steps and learning
rate. Validate on photos that are neither trained on nor reported on. mu is given as a share of the crop's side. Without
enhancement means a mask that is 1 everywhere.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save

STORED = Path(__file__).resolve().parent.parent / "docs" / "results" / "experiments.json"
SCALE = 4
TEMPERATURES = (0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
BASE = {"l1-weight": 1.0, "dec-weight": 0.1, "positive-share": 0.01, "mu-share": 0.25, "temperature": "outside"}
VGG = {"l1-weight": 0.01, "perceptual-weight": 1.0, "trunk": "vgg16"}
RAGAN = {"adversarial": "ragan", "discriminator-features": 32}
INSIDE = {"temperature": "inside"}
NO_MASK = 1e5


@dataclass(frozen=True)
class Group:
    """Runs that are compared with each other."""

    title: str
    variants: dict[str, dict[str, Any]]
    """Name -> what differs from ``BASE``."""
    steps: int = 300
    crop: int = 32
    seeds: int = 1
    recipe: str = "edsr-l1-dec"
    base: dict[str, Any] = field(default_factory=lambda: BASE)


def temperatures() -> dict[str, dict[str, Any]]:
    """The paper's Fig. 6 by the reading of SimCLR, and two runs by the printed one."""
    found = {f"inside, {t:g}, 1.5": {**INSIDE, "t-pos": t, "t-neg": 1.5} for t in TEMPERATURES}
    found |= {f"inside, 0.5, {t:g}": {**INSIDE, "t-pos": 0.5, "t-neg": t} for t in TEMPERATURES}
    return {"printed, 0.5, 1.5": {}, "printed, 8, 0.5": {"t-pos": 8.0, "t-neg": 0.5}, **found}


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
}
COLUMNS = {"psnr_y": 3, "psnr_rgb": 3, "ssim": 4, "lpips": 4, "icoo": 3}


def directory(out: Path, group: str, name: str, seed: int) -> Path:
    words = name.replace(",", "").replace("%", "percent").replace(" ", "-")
    return out / group / f"{words}-{seed}"


def scores(run: Path) -> dict[str, float] | None:
    """Those at the end of a finished run."""
    path = run / "metrics.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return lines[-1].get("validation") if lines else None


def weights_digest(run: Path) -> str:
    """Tells whether two runs ended at the same bits."""
    (path,) = run.glob("*.safetensors")
    return hashlib.sha256(save(load_file(path))).hexdigest()


def command(group: Group, changes: dict[str, Any], seed: int, run: Path, arguments: argparse.Namespace) -> list[str]:
    options = {**group.base, **changes, "seed": seed, "steps": group.steps, "crop": group.crop}
    options["mu"] = options.pop("mu-share") * SCALE * group.crop
    options |= {"batch-size": arguments.batch_size, "learning-rate": arguments.learning_rate, "warmup": 0.05}
    options |= {
        "validate-every": 10**6,
        "checkpoint-every": 100,
        "data": arguments.data,
        "validate": arguments.validate,
    }
    options |= {"out": run, "init": arguments.init}
    words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    return [sys.executable, "-m", "decloss", "train", "--recipe", group.recipe, "--resume", *words]


def run_all(arguments: argparse.Namespace) -> None:
    commands = []
    for key in arguments.groups:
        group = GROUPS[key]
        for seed in range(group.seeds):
            for name, changes in group.variants.items():
                run = directory(arguments.out, key, name, seed)
                if scores(run) is None:
                    commands.append(command(group, changes, seed, run, arguments))
    threads = max(1, (os.cpu_count() or 1) // arguments.workers)
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    with ThreadPoolExecutor(arguments.workers) as pool:
        list(pool.map(lambda words: subprocess.run(words, check=True, env=environment), commands))


def collect(out: Path, key: str) -> dict[str, dict[str, Any]]:
    """Variant -> its settings, and the scores and digest of each finished run."""
    group = GROUPS[key]
    found = {}
    for name, changes in group.variants.items():
        runs = [directory(out, key, name, seed) for seed in range(group.seeds)]
        finished = [(run, entry) for run in runs if (entry := scores(run)) is not None]
        if finished:
            settings = {**group.base, **changes}
            digests = [weights_digest(run) for run, _ in finished]
            found[name] = {"settings": settings, "scores": [entry for _, entry in finished], "weights": digests}
    return found


def collect_all(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is stored for the report: each group with its settings and finished runs."""
    content: dict[str, Any] = {}
    for key in arguments.groups:
        group, found = GROUPS[key], collect(arguments.out, key)
        if found:
            about = {"title": group.title, "steps": group.steps, "batch": arguments.batch_size, "crop": group.crop}
            content[key] = {**about, "learning_rate": arguments.learning_rate, "init": arguments.init, "runs": found}
    return content


def tables(content: dict[str, Any]) -> str:
    """A table a group; where there are two seeds, their mean and standard deviation."""
    lines = []
    for group in content.values():
        size = f"{group['batch']} crops of {group['crop']} x {group['crop']}"
        lines.append(f"{group['title']}: {group['steps']} steps of {size}\n")
        lines.append(f"| settings | seeds | {' | '.join(COLUMNS)} |\n|:--|--:|{'--:|' * len(COLUMNS)}")
        for name, entry in group["runs"].items():
            cells = [_mean([score[column] for score in entry["scores"]], n) for column, n in COLUMNS.items()]
            lines.append(f"| {name} | {len(entry['scores'])} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def print_table(arguments: argparse.Namespace) -> None:
    content = json.loads(arguments.stored.read_bytes()) if arguments.out is None else collect_all(arguments)
    print(tables(content), end="")
    if arguments.json:
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _mean(values: list[float], digits: int) -> str:
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["run", "table"])
    parser.add_argument("--out", type=Path, help="a directory a run goes below it")
    parser.add_argument("--stored", type=Path, default=STORED, help="what table prints without --out")
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--validate", type=Path)
    parser.add_argument("--init", default="edsr-l1")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--workers", type=int, default=1, help="runs at a time; the cores are divided among them")
    parser.add_argument("--json", type=Path, help="with table: also write everything here, for the report")
    arguments = parser.parse_args()
    if arguments.action == "run" and None in (arguments.data, arguments.validate, arguments.out):
        parser.error("run needs --data, --validate and --out")
    (run_all if arguments.action == "run" else print_table)(arguments)


if __name__ == "__main__":
    main()
