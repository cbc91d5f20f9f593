"""The contrastive loss in linear memory: Eq. (21) to (23) from row sums, and its gradient in closed form."""

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from decloss.dec.gather import gather_rows
from decloss.dec.pairs import Pairs


class Backend(Protocol):
    """The two passes over all pairs; ``tiles`` and ``kernels`` are the two modules that have them."""

    def row_sums(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """See ``tiles.row_sums``."""

    def gradient(self, pairs: Pairs, a: Tensor, b: Tensor) -> Tensor:
        """See ``tiles.gradient``."""


def loss_by_patch(pairs: Pairs, backend: Backend, constant: float) -> Tensor:
    """The summands of Eq. (23) for own rows, (own rows,), without a gradient; zero for rows without a negative."""
    return _losses(*backend.row_sums(pairs), constant)


@torch.compiler.disable  # type: ignore[untyped-decorator]  # tracing would unroll its loops over tiles
def streaming_loss(pairs: Pairs, backend: Backend, constant: float) -> Tensor:
    """Eq. (23) over the rows of all processes: a scalar whose gradient reaches ``pairs.u``.

    Args:
        pairs: the mini-patches.
        backend: makes the two passes.
        constant: added to each summand: log(t_pos / t_neg) where the temperatures are outside the exponent.
    """
    return _StreamingLoss.apply(pairs.u, pairs, backend, constant)


def _losses(sums_pos: Tensor, sums_neg: Tensor, constant: float) -> Tensor:
    alone = sums_neg == 0
    return torch.where(alone, 0.0, constant - torch.log(sums_pos / torch.where(alone, 1.0, sums_neg)))


class _StreamingLoss(torch.autograd.Function):
    """With E = e^{c S}, dloss/dS_ij is a_i E_ij at positives and b_i E_ij at negatives, twice that for S^{sr->hr}.

    a_i = -c_pos / (B* Q_pos,i) and b_i = c_neg / (B* Q_neg,i); as S^{sr->sr} is symmetric, row i also gets a_j, b_j.
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, pairs: Pairs, backend: Backend, constant: float) -> Tensor:
        """Eq. (23)."""
        own_pos, own_neg = backend.row_sums(pairs)
        sums_pos, sums_neg = (gather_rows(own, pairs.count) for own in (own_pos, own_neg))
        ctx.pairs, ctx.backend = pairs, backend
        ctx.save_for_backward(u, sums_pos, sums_neg)
        return _losses(sums_pos, sums_neg, constant).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        """The gradient of own rows; those of others stay zero and are theirs to compute."""
        u, sums_pos, sums_neg = ctx.saved_tensors
        pairs = ctx.pairs
        alone = sums_neg == 0
        scale = grad / pairs.count
        a = torch.where(alone, 0.0, -scale * pairs.exponent_pos / sums_pos)
        b = torch.where(alone, 0.0, scale * pairs.exponent_neg / sums_neg)
        own = ctx.backend.gradient(pairs, a, b)
        if own.shape == u.shape:
            return own, None, None, None
        gradient = torch.zeros_like(u)
        gradient[pairs.first : pairs.last] = own
        return gradient, None, None, None
