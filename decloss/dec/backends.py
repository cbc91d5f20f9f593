"""The choice of the backend that computes the loss, and the reasons why another cannot."""

import importlib.util
import os
from typing import Protocol

import torch
from torch import Tensor

from decloss.dec import dense, tiles
from decloss.dec.pairs import Pairs
from decloss.dec.streaming import Passes, Streaming

AUTO, DENSE, STREAMING, TRITON = "auto", "dense", "streaming", "triton"
BACKENDS = (AUTO, DENSE, STREAMING, TRITON)
MOST_VALUES = 256
"""The most values of a mini-patch in the fused kernel, which holds whole rows: P = 9 in colour, 16 in grey."""

MULTIPLIES_FLOAT64 = (3, 5)
"""The first version of Triton whose kernels multiply matrices of float64."""


class Backend(Protocol):
    """What each backend must have: the module ``dense``, or ``Streaming`` with one kind of passes."""

    def row_sums(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """Return the sums of Eq. (21) and (22) without their temperatures, (B*,) each; gradients reach ``pairs.u``."""


def choose_backend(name: str, pairs: Pairs) -> Backend:
    """Return the backend that ``name`` means for ``pairs``.

    Raises:
        ValueError: if ``name`` is "triton" and that cannot run on these pairs.
    """
    return dense if name == DENSE else Streaming(linear_passes(name, pairs))


def linear_passes(name: str, pairs: Pairs) -> Passes:
    """Return the module that sums over ``pairs`` in linear memory; "auto" takes the fused kernel on NVIDIA in float32.

    For "dense" it is ``tiles``: what is asked for besides the loss, as by ``loss_by_patch``, takes linear memory,
    whichever backend computes the loss.

    Raises:
        ValueError: if ``name`` is "triton" and that cannot run on these pairs.
    """
    if name not in (AUTO, TRITON):
        return tiles
    on_nvidia = pairs.u.device.type == "cuda" and torch.version.cuda is not None
    if name == AUTO and (not on_nvidia or pairs.u.dtype != torch.float32):
        return tiles
    if obstacle := _obstacle_to_triton(pairs):
        if name == AUTO:
            return tiles
        raise ValueError(f"backend 'triton' {obstacle}; use 'streaming' or 'auto'")
    from decloss.dec import kernels  # here, since it imports triton, which not everybody has

    return tiles if name == AUTO and not kernels.work_on(pairs.u.device) else kernels


def _obstacle_to_triton(pairs: Pairs) -> str | None:
    if importlib.util.find_spec("triton") is None:
        return "needs the package triton, which is not installed"
    if pairs.u.device.type != "cuda" and not _interpreted():
        return f"needs tensors on a CUDA device, got {pairs.u.device}"
    if pairs.u.shape[1] > MOST_VALUES:
        return f"takes mini-patches of up to {MOST_VALUES} values, got {pairs.u.shape[1]}"
    if pairs.u.dtype == torch.float64 and tuple(map(int, (have := _version()).split(".")[:2])) < MULTIPLIES_FLOAT64:
        return f"needs Triton {'.'.join(map(str, MULTIPLIES_FLOAT64))} for float64, this is {have}"
    return None


def _version() -> str:
    import triton  # here, since not everybody has it; that of AMD or Windows is a package of another name

    return triton.__version__


def _interpreted() -> bool:
    """Return whether Triton's own interpreter stands in for a GPU, which is slow and meant for tests."""
    return os.environ.get("TRITON_INTERPRET") == "1"
