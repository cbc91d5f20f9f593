"""Which settings of DECLoss help: short finetunes from a stage-one checkpoint, each choice varied on its own.

    python benchmarks/settings.py run --data PHOTOS --validate KODAK --out RUNS     # hours on a CPU; resumes
    python benchmarks/settings.py table --out RUNS                                  # what is finished so far

Every run has the same start, crops, steps and learning rate; the first row goes on with L1 alone. Validate on photos
that are neither trained on nor reported on. Without enhancement means a mask so wide that it is 1 everywhere.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

BASE = {"l1-weight": 1.0, "dec-weight": 0.1, "mu": 48.0, "positive-share": 0.01}
NO_MASK = 1e6
VARIANTS: dict[str, dict[str, object]] = {
    "L1 alone": {"dec-weight": 0.0},
    "base": {},
    "weight 0.003": {"dec-weight": 0.003},
    "weight 0.03": {"dec-weight": 0.03},
    "weight 0.3": {"dec-weight": 0.3},
    "no enhancement": {"mu": NO_MASK},
    "share 10 %": {"positive-share": 0.1},
    "share 0.1 %": {"positive-share": 0.001},
    "mu 30": {"mu": 30.0},
    "mu 96": {"mu": 96.0},
    "temperatures inside": {"temperature": "inside"},
    "P 4": {"patch-size": 4},
}
COLUMNS = {"psnr_y": 3, "psnr_rgb": 3, "ssim": 4, "lpips": 4}


def directory(out: Path, name: str, seed: int) -> Path:
    return out / f"{name.replace(' ', '-').replace('%', 'percent')}-{seed}"


def scores(run: Path) -> dict[str, float] | None:
    """Those at the end of a finished run."""
    path = run / "metrics.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return lines[-1].get("validation") if lines else None


def run_all(arguments: argparse.Namespace) -> None:
    for seed in range(arguments.seeds):
        for name, changes in VARIANTS.items():
            run = directory(arguments.out, name, seed)
            if scores(run) is not None:
                continue
            options = {**BASE, **changes, "seed": seed, "steps": arguments.steps, "batch-size": arguments.batch_size}
            options |= {"learning-rate": arguments.learning_rate, "warmup": 0.05, "validate-every": 10**6}
            options |= {"data": arguments.data, "validate": arguments.validate, "out": run, "init": arguments.init}
            words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
            recipe = ["--recipe", "edsr-l1-dec", "--resume", "--checkpoint-every", "100"]
            subprocess.run([sys.executable, "-m", "decloss", "train", *recipe, *words], check=True)


def print_table(arguments: argparse.Namespace) -> None:
    print(f"| settings | seeds | {' | '.join(COLUMNS)} |\n|:--|--:|{'--:|' * len(COLUMNS)}")
    for name in VARIANTS:
        found = [scores(directory(arguments.out, name, seed)) for seed in range(arguments.seeds)]
        finished = [entry for entry in found if entry is not None]
        if finished:
            means = [
                f"{statistics.mean(entry[column] for entry in finished):.{digits}f}"
                + (
                    f" ± {statistics.stdev(entry[column] for entry in finished):.{digits}f}"
                    if len(finished) > 1
                    else ""
                )
                for column, digits in COLUMNS.items()
            ]
            print(f"| {name} | {len(finished)} | {' | '.join(means)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["run", "table"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--validate", type=Path)
    parser.add_argument("--init", default="edsr-l1")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    (run_all if arguments.action == "run" else print_table)(arguments)


if __name__ == "__main__":
    main()
