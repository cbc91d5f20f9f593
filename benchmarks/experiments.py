"""Short finetunes: what the paper leaves open, its Table 2 (size of the mini-patches), its Fig. 6 (temperatures).

    python -m benchmarks.experiments run --data PHOTOS --validate KODAK --out RUNS     # hours on a CPU; resumes
    python -m benchmarks.experiments sharpen --validate KODAK --out RUNS               # and their sharpened twins
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
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save

from benchmarks.experiment_groups import GROUPS, Group
from benchmarks.twins import averaged, claims_table, measure
from benchmarks.twins import table as twins_table

STORED = Path(__file__).resolve().parent.parent / "docs" / "results" / "experiments.json"
SCALE = 4
TWINS = "twins.json"
COLUMNS = {"psnr_y": 3, "psnr_rgb": 3, "ssim": 4, "lpips": 4, "icoo": 3, "colour_error": 2}


def directory(out: Path, group: str, name: str, seed: int) -> Path:
    words = name.replace(",", "").replace("%", "percent").replace(" ", "-")
    return out / group / f"{words}-{seed}"


def scores(run: Path) -> dict[str, float] | None:
    """Return the scores at the end of a finished run."""
    path = run / "metrics.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return lines[-1].get("validation") if lines else None


def checkpoint(run: Path) -> Path:
    """Return the checkpoint that a run ended with."""
    (path,) = run.glob("*.safetensors")
    return path


def weights_digest(run: Path) -> str:
    """Return a digest that tells whether two runs ended at the same bits."""
    return hashlib.sha256(save(load_file(checkpoint(run)))).hexdigest()


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
    return [sys.executable, "-m", *group.program, "--recipe", group.recipe, "--resume", *words]


def run_all(arguments: argparse.Namespace) -> None:
    commands = []
    for key in arguments.groups:
        group = GROUPS[key]
        for seed in range(min(group.seeds, arguments.seeds)):
            for name, changes in group.variants.items():
                run = directory(arguments.out, key, name, seed)
                if scores(run) is None:
                    commands.append(command(group, changes, seed, run, arguments))
    threads = max(1, (os.cpu_count() or 1) // arguments.workers)
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    with ThreadPoolExecutor(arguments.workers) as pool:
        list(pool.map(lambda words: subprocess.run(words, check=True, env=environment), commands))


def sharpen_all(arguments: argparse.Namespace) -> None:
    """Measure the sharpened twins of finished runs, and of the checkpoint they started from."""
    for key in arguments.groups:
        group = GROUPS[key]
        names = [name for name in group.variants if name in {*group.twins, *group.twins.values()}]
        wanted: dict[Path, str | Path] = {arguments.out / key / TWINS: arguments.init} if names else {}
        for seed in range(group.seeds):
            for name in names:
                run = directory(arguments.out, key, name, seed)
                if scores(run) is not None:
                    wanted[run / TWINS] = checkpoint(run)
        for path, model in wanted.items():
            if not path.exists():
                path.write_text(json.dumps(measure(model, arguments.validate)), encoding="utf-8")


def collect(out: Path, key: str) -> dict[str, dict[str, Any]]:
    """Variant -> its settings, and the scores, digest and sharpened twins of each finished run."""
    group = GROUPS[key]
    found = {}
    for name, changes in group.variants.items():
        runs = [directory(out, key, name, seed) for seed in range(group.seeds)]
        finished = [(run, entry) for run in runs if (entry := scores(run)) is not None]
        if finished:
            settings = {**group.base, **changes}
            digests = [weights_digest(run) for run, _ in finished]
            found[name] = {"settings": settings, "scores": [entry for _, entry in finished], "weights": digests}
            if twins := [_json(run / TWINS) for run, _ in finished if (run / TWINS).exists()]:
                found[name]["twins"] = averaged(twins)
    return found


def schedule_of(out: Path, key: str) -> dict[str, Any]:
    """Return the batch and the learning rate of the finished runs of a group, under the names that are stored."""
    paths = sorted((out / key).glob("*/config.json"))
    schedules = [_json(path)["schedule"] for path in paths if scores(path.parent) is not None]
    found = {(schedule["batch_size"], schedule["learning_rate"]) for schedule in schedules}
    if len(found) != 1:
        raise SystemExit(f"the runs of {key} have {len(found)} kinds of batches and learning rates: {sorted(found)}")
    ((batch, rate),) = found
    return {"batch": batch, "learning_rate": rate}


def collect_all(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is stored for the report: each group with its settings and finished runs."""
    content: dict[str, Any] = _json(arguments.stored) if arguments.stored.exists() else {}
    for key in arguments.groups:
        group, found = GROUPS[key], collect(arguments.out, key)
        if found:
            about = {"title": group.title, "steps": group.steps, "crop": group.crop, "init": arguments.init}
            about |= schedule_of(arguments.out, key)
            stored = content.get(key, {"runs": {}})
            if differing := [name for name in about if stored.get(name, about[name]) != about[name]]:
                raise SystemExit(f"{key} is stored with another {differing[0]}: name another file with --stored")
            runs = {**stored["runs"], **found}
            content[key] = {**stored, **about, "runs": {name: runs[name] for name in group.variants if name in runs}}
            if (path := arguments.out / key / TWINS).exists():
                content[key] |= {"twins": _json(path)}
    return content


def tables(content: dict[str, Any]) -> str:
    """A table a group; where there are two seeds, their mean and standard deviation; then its sharpened twins."""
    lines = []
    for key, group in content.items():
        runs = group["runs"]
        columns = {name: digits for name, digits in COLUMNS.items() if name in next(iter(runs.values()))["scores"][0]}
        size = f"{group['batch']} crops of {group['crop']} x {group['crop']}"
        lines.append(f"{group['title']}: {group['steps']} steps of {size}\n")
        lines.append(f"| settings | seeds | {' | '.join(columns)} |\n|:--|--:|{'--:|' * len(columns)}")
        for name, entry in runs.items():
            cells = [_mean([score[column] for score in entry["scores"]], n) for column, n in columns.items()]
            lines.append(f"| {name} | {len(entry['scores'])} | {' | '.join(cells)} |")
        lines.append("")
        if twins := {name: entry["twins"] for name, entry in runs.items() if "twins" in entry}:
            lines.append("The same, with an unsharp mask on the pictures: PSNR-Y / LPIPS / colour error by amount\n")
            lines += [twins_table({group["init"]: group["twins"], **twins}), ""]
            lines += [claims_table(twins, GROUPS[key].twins), ""]
    return "\n".join(lines)


def print_table(arguments: argparse.Namespace) -> None:
    content = _json(arguments.stored) if arguments.out is None else collect_all(arguments)
    print(tables(content), end="")
    if arguments.json:
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _mean(values: list[float], digits: int) -> str:
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


ACTIONS = {
    "run": (run_all, ("data", "validate", "out")),
    "sharpen": (sharpen_all, ("validate", "out")),
    "table": (print_table, ()),
}
"""What it does, and the options that it cannot do without."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=list(ACTIONS))
    parser.add_argument("--out", type=Path, help="a directory a run goes below it")
    parser.add_argument("--stored", type=Path, default=STORED, help="what table prints, below the runs of --out")
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--validate", type=Path)
    parser.add_argument("--init", default="edsr-l1")
    parser.add_argument("--seeds", type=int, default=2, help="at most so many runs of each settings")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--workers", type=int, default=1, help="runs at a time; the cores are divided among them")
    parser.add_argument("--json", type=Path, help="with table: also write everything here, for the report")
    arguments = parser.parse_args()
    missing = [name for name in ACTIONS[arguments.action][1] if getattr(arguments, name) is None]
    if missing:
        parser.error(f"{arguments.action} needs --{', --'.join(missing)}")
    ACTIONS[arguments.action][0](arguments)


if __name__ == "__main__":
    main()
