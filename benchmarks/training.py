"""Speed of the trainer against a bare loop on one fixed batch, and what each term of the loss adds to a step.

    python -m benchmarks.training                       # batch 8, a few minutes on two cores
    python -m benchmarks.training --batch-size 32       # the paper's, for a GPU
    python -m benchmarks.training --table-1 --trunk vgg16 --json docs/results/training-cost.json

Both sides run the same networks and losses, take turns in one process, and are compared by the medians of their steps.
The trainer reads and crops photos and writes its files; the bare loop does neither. With --table-1 the trainer alone
runs the ten rows of the paper's Table 1.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from decloss.data.pairs import PhotoPairs
from decloss.host.devices import autocast, best_device, describe, resolve_precision
from decloss.losses import LossSettings, Objective
from decloss.models import EDSR
from decloss.training.config import EDSR_BASELINE, TABLE_1, Origin, Recipe, Schedule
from decloss.training.processes import join_processes
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Progress, train
from decloss.zoo.checkpoint import build_network

DEVICE = best_device()
WARM_UP = 3


def terms(trunk: str) -> dict[str, LossSettings]:
    vgg = {"l1_weight": 1e-2, "perceptual_weight": 1.0, "trunk": trunk}
    return {
        "L1": LossSettings(),
        "L1 + DECLoss": LossSettings(l1_weight=1e-2, dec_weight=3e-5),
        f"L1 + {trunk}": LossSettings(**vgg),
        f"L1 + {trunk} + DECLoss": LossSettings(**vgg, dec_weight=3e-5),
        f"L1 + {trunk} + RaGAN": LossSettings(**vgg, adversarial="ragan", adversarial_weight=5e-3),
    }


def photos() -> PhotoPairs:
    """As many and as large as a small training set, in files as they are in the cache."""
    folder = Path(tempfile.mkdtemp())
    rng = np.random.default_rng(0)
    hr, lr = [], []
    for number in range(40):
        for kept, side in ((hr, 1024), (lr, 256)):
            shape = (side, side, 3)
            mapped = np.memmap(folder / f"{number}_{side}", np.uint8, "w+", shape=shape)
            mapped[:] = rng.integers(0, 256, shape, dtype=np.uint8)
            kept.append(mapped)
    return PhotoPairs(hr, lr, "random", [str(number) for number in range(40)])


def trainer_steps(
    losses: LossSettings, schedule: Schedule, pairs: PhotoPairs, architecture: dict[str, object] = EDSR_BASELINE
) -> list[float]:
    """Seconds of each step of the real trainer."""
    times = [time.perf_counter()]

    def observe(progress: Progress) -> bool:
        progress.loss.item()  # waits for a GPU
        times.append(time.perf_counter())
        return False

    recipe = Recipe("speed", architecture, losses, schedule)
    model, objective = build_network(architecture, recipe.name), Objective(losses, 4 * schedule.crop)
    run = RunDirectory(Path(tempfile.mkdtemp()))
    train(model, objective, pairs, recipe, run, Origin("random"), join_processes(), observe=observe)
    return list(np.diff(times)[WARM_UP:])


def bare_steps(losses: LossSettings, schedule: Schedule) -> list[float]:
    """Seconds of each step of the shortest loop that trains the same."""
    last = torch.channels_last
    model = EDSR(64, 16).to(DEVICE, memory_format=last).train()
    objective = Objective(losses, 4 * schedule.crop).to(DEVICE, memory_format=last)
    lr = torch.rand(schedule.batch_size, 3, schedule.crop, schedule.crop, device=DEVICE).to(memory_format=last)
    hr = torch.rand(schedule.batch_size, 3, 4 * schedule.crop, 4 * schedule.crop, device=DEVICE).to(memory_format=last)
    optimizer = torch.optim.Adam(model.parameters())
    adversary = objective.adversary
    second = torch.optim.Adam(adversary.parameters()) if adversary is not None else None
    dtype = resolve_precision("auto", DEVICE)
    times = [time.perf_counter()]
    for _ in range(schedule.steps):
        with autocast(DEVICE, dtype):
            sr = model(lr).float()
            loss, _ = objective(sr, hr)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if adversary is not None and second is not None:
            with autocast(DEVICE, dtype):
                game = adversary(sr.detach(), hr)
            second.zero_grad(set_to_none=True)
            game.backward()
            second.step()
        loss.item()
        times.append(time.perf_counter())
    return list(np.diff(times)[WARM_UP:])


def table_1(schedule: Schedule, turns: int, trunk: str) -> dict[str, dict[str, float]]:
    """Seconds for 1,000 steps of each row, and their ratio to the first."""
    pairs = photos()
    seconds: dict[str, list[float]] = {name: [] for name in TABLE_1}
    for _ in range(turns):
        for name, recipe in TABLE_1.items():
            losses = replace(recipe.losses, trunk=trunk, mu=schedule.crop, positive_share=0.0)
            seconds[name] += trainer_steps(losses, schedule, pairs, recipe.architecture)
    first = statistics.median(seconds["edsr-l1"])
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {name: {"seconds": 1000 * median, "ratio": median / first} for name, median in medians.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--steps", type=int, default=12, help="in each turn")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--trunk", default="vgg16")
    parser.add_argument("--crop", type=int, default=48)
    parser.add_argument("--table-1", action="store_true")
    parser.add_argument("--json", type=Path, help="with --table-1: also write it here, for the report")
    arguments = parser.parse_args()
    size = {"batch_size": arguments.batch_size, "crop": arguments.crop}
    schedule = Schedule(steps=arguments.steps + WARM_UP, log_every=10, **size)
    hardware = f"{describe(DEVICE)}, torch {torch.__version__}"
    if arguments.table_1:
        rows = table_1(schedule, arguments.turns, arguments.trunk)
        for name, row in rows.items():
            print(f"{name}: {row['seconds']:.0f} s for 1,000 steps, {row['ratio']:.2f} x edsr-l1")
        if arguments.json:
            batch = f"{arguments.batch_size} crops of {arguments.crop} x {arguments.crop}"
            content = {"hardware": hardware, "trunk": arguments.trunk, "batch": batch, "rows": rows}
            arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return
    pairs = photos()
    seconds: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in terms(arguments.trunk)}
    for _ in range(arguments.turns):
        for name, losses in terms(arguments.trunk).items():
            seconds[name][0].extend(bare_steps(losses, schedule))
            seconds[name][1].extend(trainer_steps(losses, schedule, pairs))
    print(f"{hardware}, EDSR 64 x 16, batch {arguments.batch_size} of {arguments.crop} x {arguments.crop}\n")
    print("| loss | bare loop | trainer | trainer reaches | a step costs |\n|:--|--:|--:|--:|--:|")
    first = statistics.median(seconds["L1"][1])
    for name, (bare, real) in seconds.items():
        one, other = statistics.median(bare), statistics.median(real)
        speeds = f"{1 / one:.2f} steps/s | {1 / other:.2f} steps/s"
        print(f"| {name} | {speeds} | {one / other:.0%} | {other / first:.2f} x L1 |")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # the photos and runs go there, and are removed at the end
        main()
