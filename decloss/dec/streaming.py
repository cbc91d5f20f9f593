"""Row sums in linear memory: two passes over all pairs, and the gradient in closed form instead of stored matrices."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from decloss.dec.gather import gather_rows
from decloss.dec.pairs import Pairs


class Passes(Protocol):
    """The two passes over all pairs; ``tiles`` and ``kernels`` are the two modules that have them."""

    def row_sums(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """See ``tiles.row_sums``."""

    def gradient(self, pairs: Pairs, a: Tensor, b: Tensor) -> Tensor:
        """See ``tiles.gradient``."""


@dataclass(frozen=True)
class Streaming:
    """The backend that ``passes`` make: rows of other processes are gathered, and gradients come by the second pass."""

    passes: Passes

    def row_sums(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """See ``backends.Backend``; there is no second derivative."""
        if torch.compiler.is_compiling():
            from decloss.dec.uncompiled import row_sums  # loads all of Dynamo, which is there already

            return row_sums(pairs, self.passes)
        return RowSums.apply(pairs.u, pairs, self.passes)


class RowSums(torch.autograd.Function):
    """With E = e^{c S}, dloss/dS_ij is a_i E_ij at positives and b_i E_ij at negatives, twice that for S^{sr->hr}.

    a_i and b_i are the loss's derivatives for the two sums of row i, times c_pos and c_neg; as S^{sr->sr} is symmetric,
    row i also gets a_j, b_j.
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, pairs: Pairs, passes: Passes) -> tuple[Tensor, Tensor]:
        """Return the sums of all rows, those of other processes included."""
        ctx.pairs, ctx.passes = pairs, passes
        ctx.save_for_backward(u)
        own_pos, own_neg = passes.row_sums(pairs)
        return gather_rows(own_pos, pairs.count), gather_rows(own_neg, pairs.count)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_pos: Tensor, grad_neg: Tensor) -> tuple[Tensor, None, None]:
        """Return the gradient of own rows; those of others stay zero and are theirs to compute."""
        (u,), pairs = ctx.saved_tensors, ctx.pairs
        with torch.autocast(u.device.type, enabled=False):  # around backward a caller may have one of their own
            own = ctx.passes.gradient(pairs, grad_pos * pairs.exponent_pos, grad_neg * pairs.exponent_neg)
        if own.shape == u.shape:
            return own, None, None
        gradient = torch.zeros_like(u)
        gradient[pairs.first : pairs.last] = own
        return gradient, None, None
