"""What a run tells about itself on the way: its speed and memory, broken losses, validation, a sample picture."""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from decloss.data.pairs import PhotoPairs
from decloss.evaluation.scores import check_pairs, evaluate, list_pairs, load_pair, mean_scores
from decloss.inference.upscaling import upscale
from decloss.pixels import to_pixels, to_tensor

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

SAMPLES = "samples"
"""The folder of the sample pictures in a run directory."""
SAMPLE_SIDE = 96
"""The side in pixels of the LR crop in the sample picture."""
VALIDATED = ("psnr_y", "psnr_rgb", "ssim", "lpips", "icoo", "colour_error")


class Meter:
    """A collector of steps between two lines of metrics.jsonl."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.pending: list[tuple[int, Tensor, dict[str, Tensor]]] = []
        self.started = time.monotonic()

    def add(self, step: int, loss: Tensor, parts: dict[str, Tensor]) -> None:
        """Remember a step.

        Raises:
            FloatingPointError: on the CPU at once if the loss is not finite; on a GPU when a line is due, since
                looking at a number there waits for it.
        """
        self.pending.append((step, loss, parts))
        if self.device.type == "cpu":
            _require_finite(*self.pending[-1])

    def line(self, step: int, learning_rate: float) -> dict[str, Any]:
        """Return the line for metrics.jsonl, and start the next interval.

        Raises:
            FloatingPointError: if a loss since the last line was not finite.
        """
        for entry in self.pending:
            _require_finite(*entry)
        seconds = max(time.monotonic() - self.started, 1e-9)
        _, loss, parts = self.pending[-1]
        line = {
            "step": step,
            "loss": loss.item(),
            **{name: value.item() for name, value in parts.items()},
            "learning_rate": learning_rate,
            "steps_per_second": round(len(self.pending) / seconds, 4),
            "memory_mb": _memory(self.device),
        }
        self.pending, self.started = [], time.monotonic()
        return line


def _require_finite(step: int, loss: Tensor, parts: dict[str, Tensor]) -> None:
    if not math.isfinite(loss.item()):
        named = ", ".join(f"{name} {value.item():g}" for name, value in parts.items())
        raise FloatingPointError(f"the loss is {loss.item()} at step {step} ({named}); try a smaller learning rate")


def _memory(device: torch.device) -> int | None:
    """Return the most megabytes that this process has taken so far, of the GPU or of the machine; None if unknown."""
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 2**20)
    if resource is None:
        return None
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


class Validation:
    """A validation in a run: a picture to look at, and scores on a folder of images.

    Args:
        out: the run directory; pictures go to ``samples/STEP.png`` in it.
        photos: the training photos, whose first is the sample where there is no folder; else not needed.
        folder: the images, as for ``python -m decloss evaluate``; the first is the sample.
        report: called with a sentence for each image that cannot be measured, and for what decoding changed.

    Raises:
        ValueError: if the folder is missing or has no image to measure, or there are neither folder nor photos.
    """

    def __init__(
        self,
        out: Path,
        photos: PhotoPairs | None,
        folder: Path | None = None,
        report: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.out = out
        self.pairs = []
        if folder:
            checked = check_pairs(list_pairs(folder))
            for line in (*checked.notes, *(f"Not validated on: {why}" for why in checked.left_out.values())):
                report(line)
            if not checked.usable:
                raise ValueError(f"none of the images of {folder} can be measured")
            self.pairs = checked.usable
        if not self.pairs and photos is None:
            raise ValueError("a validation needs photos or a folder")
        lr = to_tensor(np.array(photos.lr[0])) if photos and not self.pairs else load_pair(self.pairs[0])[0]
        top, left = (max(0, side - SAMPLE_SIDE) // 2 for side in lr.shape[-2:])
        self.lr = lr[..., top : top + SAMPLE_SIDE, left : left + SAMPLE_SIDE]

    def __call__(self, model: nn.Module, step: int) -> dict[str, Any]:
        """Save the picture, and return the mean scores over the folder under "validation", if there is one."""
        training = model.training
        model.eval()
        try:
            path = self.out / SAMPLES / f"{step:08d}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(to_pixels(upscale(model, self.lr))).save(path)
            if not self.pairs:
                return {}
            means = mean_scores(list(evaluate(model, self.pairs)))
        finally:
            model.train(training)
        return {"validation": {"images": len(self.pairs), **{name: means[name] for name in VALIDATED}}}
