"""Mini-patches gathered from all processes as candidates of each; gradients fit DistributedDataParallel."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def several_processes() -> bool:
    """Return whether a process group of more than one process is running."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def gather_rows(own: Tensor, total: int | None = None) -> Tensor:
    """Return the rows (n, ...) of all processes in the order of ranks, without gradient; n may differ among them.

    If ``own`` has ``total`` rows already, nothing is missing and it comes back as it is.
    """
    if total == len(own) or not several_processes():
        return own
    counts = _counts(own)
    # All processes must offer the same shape, so the shorter ones are filled up and cut again.
    padded = own.new_zeros(max(counts), *own.shape[1:])
    padded[: len(own)] = own
    parts = [torch.empty_like(padded) for _ in counts]
    dist.all_gather(parts, padded)
    return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])


def gather_with_gradient(own: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """Return the rows of all processes with a gradient for ``own``, and [first, last), where its rows are among them.

    Every process must compute the loss of the whole batch, or at least the whole gradient of its own rows. The gradient
    is multiplied by the number of processes here, because DistributedDataParallel then averages over them.
    """
    if not several_processes():
        return own, (0, len(own))
    counts = _counts(own)
    first = sum(counts[: dist.get_rank()])
    rows = (first, first + len(own))
    return _GatherWithGradient.apply(own, rows), rows


def _counts(own: Tensor) -> list[int]:
    counts = [torch.zeros(1, dtype=torch.int64, device=own.device) for _ in range(dist.get_world_size())]
    dist.all_gather(counts, torch.tensor([len(own)], device=own.device))
    return [int(count) for count in counts]


class _GatherWithGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor, rows: tuple[int, int]) -> Tensor:
        ctx.rows = rows
        return gather_rows(own)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        first, last = ctx.rows
        return grad[first:last] * dist.get_world_size(), None
