"""The page's sentences about where it runs: the hardware, how fast it is, and whether finetunes last."""

import time
from pathlib import Path

import torch

from decloss.host.devices import best_device, describe, resolve_precision, to_best_device
from decloss.host.where import on_space, on_zerogpu, storage
from decloss.inference.upscaling import upscale
from decloss.models import EDSR
from decloss.pixels import SCALE

SIDE = 512
"""The side in pixels of the result whose seconds are told; on a CPU, where that would hold up the start, a quarter of
its pixels is timed."""
ZEROGPU = (
    "This Space runs on ZeroGPU: a network gets a GPU for the seconds that it computes, out of your daily quota at "
    "Hugging Face. The seconds shown include waiting for the GPU. Everything else runs on the CPU."
)
DOES_NOT_LAST = (
    "This Space has no storage: finetunes are lost when it restarts or goes to sleep. Download what you want to keep."
)


def describe_hosting(data: Path) -> str:
    """Describe hardware, speed and storage in words; ``data`` is the finetunes' folder. Measuring takes a moment."""
    words = [ZEROGPU if on_zerogpu() else _hardware()]
    if not lasts(data):
        words.append(DOES_NOT_LAST)
    return " ".join(words)


def lasts(data: Path) -> bool:
    """Return whether what is written to ``data`` is still there after a restart."""
    lasting = storage()
    return not on_space() or (lasting is not None and data.is_relative_to(lasting))


def _hardware() -> str:
    device = best_device()
    precision = str(resolve_precision("auto", device)).removeprefix("torch.")
    seconds, on = (4 * _seconds(SIDE // 2), ", on a quarter of them") if device.type == "cpu" else (_seconds(SIDE), "")
    return (
        f"Networks run here in {precision} on: {describe(device)}. EDSR makes {SIDE} × {SIDE} pixels in about "
        f"{seconds:.2g} s (measured as this page started{on}); twice the side takes four times as long."
    )


def _seconds(side: int) -> float:
    """Return the seconds in which the second of two runs of a shipped-size EDSR makes ``side`` x ``side`` pixels."""
    model = to_best_device(EDSR().eval())  # untrained weights take the same time as trained ones
    lr = torch.rand(1, 3, side // SCALE, side // SCALE)
    upscale(model, lr)
    began = time.perf_counter()
    upscale(model, lr)
    return time.perf_counter() - began
