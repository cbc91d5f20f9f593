"""Networks on ZeroGPU, which lends a GPU only to decorated functions, and runs these in processes of their own.

The app's process keeps a network on the CPU for its size and card. To upscale, it passes the path of the network's file
and plain arrays to the decorated function, which reads the weights itself. Elsewhere ``place`` is ``to_best_device``.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from decloss.host.devices import best_device, to_best_device
from decloss.host.steps import Steps
from decloss.host.where import on_zerogpu
from decloss.inference.upscaling import Upscaling, upscale_steps
from decloss.zoo.registry import load_network

if on_zerogpu():
    import spaces  # it is installed on ZeroGPU alone; app.py has imported it before torch

STARTING = 15
"""The seconds to reserve for a process that starts and reads the network."""
PER_MEGAPIXEL = 60
"""The seconds to reserve for each million LR pixels: more than our networks need, since others may be slower."""


def place(model: nn.Module, path: Path | None) -> nn.Module:
    """Return the network to upscale with: ``model`` on the best device or, on ZeroGPU, what stands for it there.

    What stands for it computes where a GPU is lent, in a process that loads the network from ``path``, its file; None
    for bicubic, which needs no GPU.
    """
    return LentNetwork(model, path) if on_zerogpu() and path is not None else to_best_device(model)


def in_this_process(model: nn.Module) -> nn.Module:
    """Return ``model``, placed, as one that computes in this process: without a visitor, no GPU is lent."""
    return model.network if isinstance(model, LentNetwork) else model


class LentNetwork(nn.Module):
    """A network of the app's process on ZeroGPU that upscales where a GPU is lent, as ``UpscalesElsewhere`` says."""

    def __init__(self, network: nn.Module, path: Path) -> None:
        super().__init__()
        self.network = network
        self.card = network.card
        self.path = path

    def upscale_steps(self, lr: Tensor, *, tile: int | None, precision: str, eight_bit: bool) -> Upscaling:
        """Do the same as ``decloss.inference.upscaling.upscale_steps``; ``lr`` (B, 3, H, W) and SR are on the CPU."""
        news = upscale_with_gpu(str(self.path), lr.numpy(), tile, precision, eight_bit)
        for share in news:
            if isinstance(share, np.ndarray):
                sr = torch.from_numpy(share)
            else:
                yield share
        return sr


def _reserved(path: str, lr: NDArray[Any], *options: Any) -> int:  # noqa: ARG001  # ZeroGPU calls it like the function
    """Return the seconds of GPU to ask for."""
    return STARTING + math.ceil(PER_MEGAPIXEL * lr.shape[-2] * lr.shape[-1] / 1e6)


def upscale_with_gpu(
    path: str, lr: NDArray[Any], tile: int | None, precision: str, eight_bit: bool
) -> Iterator[float | NDArray[Any]]:
    """Upscale ``lr`` (B, 3, H, W) with the network in ``path``; yield the shares done, then SR (B, 3, 4H, 4W)."""
    model = to_best_device(load_network(Path(path)))
    here = torch.from_numpy(lr).to(best_device())
    steps = Steps(upscale_steps(model, here, tile=tile, precision=precision, eight_bit=eight_bit))
    yield from steps
    yield steps.result.cpu().numpy()


if on_zerogpu():
    upscale_with_gpu = spaces.GPU(upscale_with_gpu, duration=_reserved)
