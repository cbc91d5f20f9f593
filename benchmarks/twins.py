"""Sharpened twins: what an unsharp mask makes of a network's pictures, and whether a loss does more than that.

    python -m benchmarks.twins --models edsr-l1 edsr-l1-dec --data KODAK                # a table, and nothing kept
    python -m benchmarks.twins --models edsr-l1 --data KODAK --json twins.json

Sharpening lowers LPIPS and costs PSNR, as perceptual losses do. Two networks are compared after sharpening the pictures
of both until they have the same PSNR-Y.
"""

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from decloss.evaluation.intervals import paired_difference
from decloss.evaluation.scores import BORDER, list_pairs, load_pair
from decloss.inference.upscaling import upscale
from decloss.metrics import colour_error, lpips, psnr
from decloss.models.sharpening import unsharp_mask
from decloss.pixels import quantize
from decloss.zoo.registry import load_checkpoint

AMOUNTS = (0.0, 0.3, 0.6, 1.0, 1.5)
BELOW = 0.1
"""dB."""
Twins = dict[str, dict[str, list[float]]]
"""Amount of sharpening -> metric -> one number an image."""


@torch.inference_mode()
def measure(model: str | Path, folder: Path, amounts: Sequence[float] = AMOUNTS) -> Twins:
    """PSNR-Y, LPIPS and the colour error of the model's pictures of ``folder``, sharpened by each amount."""
    network = load_checkpoint(model)
    found: Twins = {f"{amount:g}": {"psnr_y": [], "lpips": [], "colour_error": []} for amount in amounts}
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


def at_equal_psnr(model: Twins, other: Twins) -> tuple[float, float, float, float] | None:
    """The model's LPIPS less the other's, both sharpened until they have the same PSNR-Y.

    That is ``BELOW`` the lower one's without sharpening: the first bit of sharpening costs hardly any PSNR, so at the
    top of the curves a difference would be that bit.

    Returns:
        That PSNR-Y, the mean difference and its 95 % interval over images (paired bootstrap); None where no amount of
        sharpening leads there. Between two amounts LPIPS is interpolated, image by image.
    """
    wanted = min(_mean(found["0"]["psnr_y"]) for found in (model, other)) - BELOW
    both = [_lpips_at(found, wanted) for found in (model, other)]
    if both[0] is None or both[1] is None:
        return None
    difference = paired_difference(both[0], both[1])
    return None if difference is None else (wanted, difference.mean, difference.low, difference.high)


def _lpips_at(found: Twins, psnr_y: float) -> list[float] | None:
    """LPIPS of each image at the amount of sharpening that leaves this mean PSNR-Y."""
    for low, high in pairwise(sorted(found, key=float)):
        above, below = (_mean(found[amount]["psnr_y"]) for amount in (low, high))
        if above >= psnr_y > below:
            share = (above - psnr_y) / (above - below)
            pairs = zip(found[low]["lpips"], found[high]["lpips"], strict=True)
            return [(1 - share) * a + share * b for a, b in pairs]
    return None


def averaged(runs: Sequence[Twins]) -> Twins:
    """The mean over runs with other seeds, image by image."""
    first = runs[0]
    return {
        amount: {
            metric: [_mean(values) for values in zip(*(run[amount][metric] for run in runs), strict=True)]
            for metric in first[amount]
        }
        for amount in first
    }


def table(twins: dict[str, Twins]) -> str:
    """A row a model, a column an amount: PSNR-Y / LPIPS / colour error, means over images."""
    amounts = list(next(iter(twins.values())))
    lines = [f"| sharpened by | {' | '.join(amounts)} |\n|:--|{'--:|' * len(amounts)}"]
    for name, found in twins.items():
        means = [[_mean(found[amount][metric]) for metric in found[amount]] for amount in amounts]
        lines.append(f"| {name} | {' | '.join(f'{a:.2f} / {b:.4f} / {c:.2f}' for a, b, c in means)} |")
    return "\n".join(lines)


def claims_table(twins: dict[str, Twins], claims: dict[str, str]) -> str:
    """A row a claim that a variant does more than sharpening does for the other one; those that are measured."""
    lines = ["| both sharpened | at PSNR-Y | LPIPS | 95 % interval | |\n|:--|--:|--:|--:|:--|"]
    for name, other in claims.items():
        if name in twins and other in twins:
            lines.append(f"| {name}, less {other} | {_cells(at_equal_psnr(twins[name], twins[other]))} |")
    return "\n".join(lines)


def _cells(found: tuple[float, float, float, float] | None) -> str:
    if found is None:
        return "| | | no sharpening makes them equal"
    psnr_y, mean, low, high = found
    words = "undecided" if low <= 0 <= high else ("lower" if mean < 0 else "higher")
    return f"{psnr_y:.2f} | {mean:+.4f} | {low:+.4f} .. {high:+.4f} | {words}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", required=True, help="names of checkpoints or files")
    parser.add_argument("--data", type=Path, required=True, help="a folder, as for evaluate")
    parser.add_argument("--json", type=Path, help="also write every image's scores here")
    arguments = parser.parse_args()
    twins: dict[str, Any] = {name: measure(name, arguments.data) for name in arguments.models}
    print(table(twins))
    if arguments.json:
        arguments.json.write_text(json.dumps(twins, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
