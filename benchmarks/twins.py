"""Sharpened twins: what an unsharp mask makes of a network's pictures, and whether a loss does more than that.

    python -m benchmarks.twins --models edsr-l1 edsr-l1-dec --data KODAK                    # a table, and nothing kept
    python -m benchmarks.twins --models edsr-l1 --data BSD100 --json docs/results/twins/BSD100.json   # for the report

Sharpening lowers LPIPS and costs PSNR, as perceptual losses do. Two networks are compared after sharpening the pictures
of both until they have the same PSNR-Y.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from decloss.data.benchmarks import find_benchmark
from decloss.evaluation.equal_psnr import Comparison, Twins, compare_sharpened, sharpened
from decloss.evaluation.scores import BORDER, list_pairs, load_pair
from decloss.inference.upscaling import upscale
from decloss.metrics import colour_error, lpips, psnr
from decloss.models.sharpening import unsharp_mask
from decloss.pixels import quantize
from decloss.zoo.registry import card_of, load_checkpoint

AMOUNTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.5, 4.0)
Measured = dict[str, dict[str, list[float]]]
"""Amount of sharpening -> metric -> one number an image."""


@torch.inference_mode()
def measure(model: str | Path, folder: Path, amounts: Sequence[float] = AMOUNTS) -> Measured:
    """Return PSNR-Y, LPIPS and the colour error of the model's pictures of ``folder``, sharpened by each amount."""
    network = load_checkpoint(model)
    found: Measured = {f"{amount:g}": {"psnr_y": [], "lpips": [], "colour_error": []} for amount in amounts}
    for pair in list_pairs(folder):
        lr, hr = load_pair(pair)
        sr = quantize(upscale(network, lr))  # as a visitor would sharpen it: the picture, not the network's floats
        for amount in amounts:
            sharpened = quantize(unsharp_mask(sr, amount))
            row = found[f"{amount:g}"]
            row["psnr_y"].append(round(psnr(sharpened, hr, crop_border=BORDER).item(), 4))
            row["lpips"].append(round(lpips(sharpened, hr).item(), 5))
            row["colour_error"].append(round(colour_error(sharpened, hr).item(), 4))
    return found


def averaged(runs: Sequence[Twins]) -> Measured:
    """Return the mean over runs with other seeds, image by image."""
    first = runs[0]
    return {
        amount: {
            metric: [_mean(values) for values in zip(*(run[amount][metric] for run in runs), strict=True)]
            for metric in first[amount]
        }
        for amount in first
    }


def table(twins: dict[str, Twins]) -> str:
    """Return a table with a row a model, a column an amount: PSNR-Y / LPIPS / colour error, means over images."""
    amounts = list(next(iter(twins.values())))
    lines = [f"| sharpened by | {' | '.join(amounts)} |\n|:--|{'--:|' * len(amounts)}"]
    for name, found in twins.items():
        means = [[_mean(found[amount][metric]) for metric in found[amount]] for amount in amounts]
        lines.append(f"| {name} | {' | '.join(f'{a:.2f} / {b:.4f} / {c:.2f}' for a, b, c in means)} |")
    return "\n".join(lines)


def claims_table(twins: dict[str, Twins], claims: dict[str, str]) -> str:
    """Return a table with a row a claim that a variant does more than sharpening does for another, where measured."""
    lines = ["| both sharpened | at PSNR-Y | LPIPS | 95 % interval | |\n|:--|--:|--:|--:|:--|"]
    for name, other in claims.items():
        if name in twins and other in twins:
            lines.append(f"| {name}, less {other} | {_cells(_compared(twins[name], twins[other]))} |")
    return "\n".join(lines)


def _compared(model: Twins, other: Twins) -> Comparison | None:
    return compare_sharpened(sharpened(model), sharpened(other))


def _cells(found: Comparison | None) -> str:
    if found is None:
        return "| | | no sharpening makes them equal"
    difference = found.difference
    words = "undecided" if not difference.shown else ("lower" if difference.mean < 0 else "higher")
    interval = f"{difference.low:+.4f} .. {difference.high:+.4f}"
    return f"{found.lowest:.2f} | {difference.mean:+.4f} | {interval} | {words}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", required=True, help="names of checkpoints or files")
    parser.add_argument("--data", required=True, help="a folder or a benchmark's name, as for evaluate")
    parser.add_argument(
        "--json",
        type=Path,
        help="also write every image's scores here, and skip what it has of the same weights",
    )
    arguments = parser.parse_args()
    folder = find_benchmark(arguments.data)
    kept = arguments.json is not None and arguments.json.exists()
    empty: dict[str, dict[str, Any]] = {"weights": {}, "twins": {}}
    stored = json.loads(arguments.json.read_bytes()) if kept else empty
    for name in arguments.models:
        weights = card_of(load_checkpoint(name)).get("weights", {}).get("sha256")
        if name not in stored["twins"] or stored["weights"][name] != weights:  # it may have been trained further since
            stored["twins"][name], stored["weights"][name] = measure(name, folder), weights
        if arguments.json:
            arguments.json.parent.mkdir(parents=True, exist_ok=True)
            arguments.json.write_text(json.dumps(stored) + "\n", encoding="utf-8")
    print(table({name: stored["twins"][name] for name in arguments.models}))


if __name__ == "__main__":
    main()
