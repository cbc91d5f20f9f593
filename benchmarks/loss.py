"""Time and memory of DECLoss, forward and backward, for each backend: prints the tables of docs/library.md.

    python -m benchmarks.loss                    # about ten minutes on two cores; dense needs 12 GB at 32 images
    python -m benchmarks.loss --batches 4        # a quick look
    python -m benchmarks.loss --only-streaming   # more mini-patches than dense could ever hold
    python -m benchmarks.loss --patch-sizes --json docs/results/patch-sizes.json     # one crop, for Table 2

All backends get the same images, take turns, and are compared by their medians. Extra memory is the peak above what was
there before, each in a process of its own on the CPU.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor

import decloss
from decloss.dec import tiles
from decloss.dec.pairs import Pairs

CROP = 192
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
DENSE, PRODUCTS = "dense", "dense, M by products"
DENSE_HOLDS = 10_000
"""The number of mini-patches beyond which the matrices do not fit into the memory of a laptop."""
NAMES = [DENSE, PRODUCTS, "streaming", "streaming, bfloat16"]
if DEVICE == "cuda":
    NAMES += ["triton", "triton, bfloat16"]


def images(batch: int) -> tuple[Tensor, Tensor]:
    """SR and HR with the spectrum of photos, 1/f."""
    generator = torch.Generator().manual_seed(0)
    frequency = torch.fft.fftfreq(CROP)[:, None].hypot(torch.fft.rfftfreq(CROP)).clamp(min=1 / CROP)
    noise = torch.fft.rfft2(torch.randn(batch, 3, CROP, CROP, generator=generator)) / frequency
    hr = torch.fft.irfft2(noise, s=(CROP, CROP))
    hr = ((hr - hr.mean()) / (4 * hr.std()) + 0.5).clamp(0, 1)
    sr = decloss.bicubic_upscale(decloss.bicubic_downscale(hr)).clamp(0, 1)
    return sr.to(DEVICE), hr.to(DEVICE)


@contextmanager
def products_for_m() -> Iterator[None]:
    """Dense with |a - b|^2 = |a|^2 + |b|^2 - 2ab for M: less exact, several times as fast, the fairer opponent."""

    def by_products(pairs: Pairs) -> Tensor:
        closeness = pairs.y @ pairs.y.T + pairs.margins[:, None] + pairs.margins
        return (closeness >= 0).fill_diagonal_(True)

    with patch("decloss.dec.dense.positive_pairs", by_products):
        yield


def step(name: str, sr: Tensor, hr: Tensor, eta: float, patch_size: int = 8) -> tuple[float, float]:
    """Seconds of the forward and of the backward pass."""
    backend = name.partition(",")[0]
    loss = decloss.DECLoss(eta=eta, patch_size=patch_size, backend=backend)
    autocast = torch.autocast(DEVICE, torch.bfloat16) if "bfloat16" in name else nullcontext()
    leaf = sr.clone().requires_grad_()
    with autocast, products_for_m() if name == PRODUCTS else nullcontext():
        start = now()
        value = loss(leaf, hr)
        middle = now()
        value.backward()
    return middle - start, now() - middle


def now() -> float:
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def extra_memory(name: str, batch: int, patch_size: int) -> float:
    """Megabytes at the peak above what the images and the libraries take."""
    if DEVICE == "cpu":
        arguments = [sys.executable, "-m", "benchmarks.loss", "--memory-of", name, str(batch), str(patch_size)]
        return float(json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout))
    sr, hr = images(batch)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    step(name, sr, hr, 27.0, patch_size)
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def print_memory_of(name: str, batch: int, patch_size: int) -> None:
    def peak() -> int:
        return int(Path("/proc/self/status").read_text(encoding="utf-8").split("VmHWM:")[1].split()[0])

    step(name, *images(1), 27.0)  # what a process pays once
    sr, hr = images(batch)
    before = peak()
    step(name, sr, hr, 27.0, patch_size)
    print(json.dumps((peak() - before) / 1024))


def floor(count: int, values: int, name: str) -> float:
    """Seconds that the products and exponentials of this backend would take alone, as measured on a tile."""
    side = tiles.CPU_TILE if DEVICE == "cpu" else tiles.DEVICE_TILE
    dtype = torch.bfloat16 if "bfloat16" in name else torch.float32
    vectors, square = torch.rand(side, values, device=DEVICE), torch.rand(side, side, device=DEVICE)
    # Forward: S twice and M; backward: again, and two products back. Streaming has symmetric S^{sr->sr} and M.
    mirrored = name.startswith("streaming")
    similarities, masks, exponentials = (5, 1, 3) if mirrored else (6, 2, 4)
    product = seconds(lambda: tiles._product(vectors.to(dtype), vectors.to(dtype)))
    mask = seconds(lambda: tiles._product(vectors, vectors))
    exponential = seconds(lambda: square.exp_().zero_()) - seconds(square.zero_)
    tiles_in_all = (count / side) ** 2
    return tiles_in_all * (similarities * product + masks * mask + exponentials * exponential)


def seconds(call: Callable[[], object]) -> float:
    """Median of one call."""
    times = []
    for _ in range(15):
        start = now()
        call()
        times.append(now() - start)
    return statistics.median(times)


def compare(batches: list[int], repeats: int) -> None:
    print("| B* | backend | forward | backward | times faster | extra memory | times less | of its floor |")
    print("|--:|:--|--:|--:|--:|--:|--:|--:|")
    for batch in batches:
        sr, hr = images(batch)
        count = batch * (CROP // 8) ** 2
        eta = decloss.eta_from_share(hr, 0.01)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
        for turn in range(repeats + 1):
            for name in NAMES:
                measured = step(name, sr, hr, eta)
                if turn or repeats == 0:  # the first turn warms up
                    times[name].append(measured)
        medians = {name: [statistics.median(part) for part in zip(*times[name], strict=True)] for name in NAMES}
        memory = {name: extra_memory(name, batch, 8) for name in NAMES}
        for name in NAMES:
            faster = sum(medians[DENSE]) / sum(medians[name])
            bound = "" if name in (DENSE, PRODUCTS) else f"{floor(count, 192, name) / sum(medians[name]):.0%}"
            forward, backward = (f"{1000 * part:,.0f} ms" for part in medians[name])
            less = memory[DENSE] / memory[name]
            print(
                f"| {count:,} | {name} | {forward} | {backward} | {faster:.1f} | {memory[name]:,.0f} MB | {less:.1f} "
                f"| {bound} |",
                flush=True,
            )


def only_streaming() -> None:
    print("| P | batch | B* | backend | forward | backward | extra memory |\n|--:|--:|--:|:--|--:|--:|--:|")
    wanted = [(4, 16), (2, 16)] + ([(1, 16)] if DEVICE == "cuda" else [])
    for patch_size, batch in wanted:
        sr, hr = images(batch)
        eta = decloss.eta_from_share(hr, 0.01, patch_size=patch_size)
        for name in NAMES[2:3] if DEVICE == "cpu" else NAMES[4:]:
            if DEVICE == "cuda":
                step(name, sr, hr, eta, patch_size)  # compiles
            forward, backward = step(name, sr, hr, eta, patch_size)
            memory = extra_memory(name, batch, patch_size)
            count = batch * (CROP // patch_size) ** 2
            print(
                f"| {patch_size} | {batch} | {count:,} | {name} | {forward:.1f} s | {backward:.1f} s "
                f"| {memory:,.0f} MB |",
                flush=True,
            )


def patch_sizes(repeats: int) -> dict[str, dict[str, dict[str, float] | None]]:
    """Size of the mini-patches -> backend -> seconds and megabytes of a step on a crop; None if dense is too large."""
    rows: dict[str, dict[str, dict[str, float] | None]] = {}
    sr, hr = images(1)
    for size in (1, 2, 3, 4, 8):
        eta = decloss.eta_from_share(hr, 0.01, patch_size=size)
        rows[str(size)] = {}
        for name in (DENSE, "streaming"):
            if name == DENSE and (CROP // size) ** 2 > DENSE_HOLDS:
                rows[str(size)][name] = None
                continue
            times = [sum(step(name, sr, hr, eta, size)) for _ in range(repeats + 1)][1:]
            found = {"seconds": statistics.median(times), "megabytes": extra_memory(name, 1, size)}
            rows[str(size)][name] = found
            print(f"P={size}, {name}: {found['seconds']:.3f} s, {found['megabytes']:.0f} MB", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=[4, 16, 32], help="of 192 x 192, P = 8")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only-streaming", action="store_true")
    parser.add_argument("--patch-sizes", action="store_true")
    parser.add_argument("--json", type=Path, help="with --patch-sizes: also write it here, for the report")
    parser.add_argument("--memory-of", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        name, batch, patch_size = arguments.memory_of
        print_memory_of(name, int(batch), int(patch_size))
        return
    where = torch.cuda.get_device_name() if DEVICE == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"{where}, torch {torch.__version__}; medians of {arguments.repeats}, in turns\n")
    if arguments.patch_sizes:
        content = {"hardware": where, "torch": torch.__version__, "rows": patch_sizes(arguments.repeats)}
        if arguments.json:
            arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    elif arguments.only_streaming:
        only_streaming()
    else:
        compare(arguments.batches, arguments.repeats)


if __name__ == "__main__":
    main()
