"""What ``torch.compile`` leaves alone, or it would unroll the loops over tiles. Imported while something is traced."""

import torch
from torch import Tensor

from decloss.dec.pairs import Pairs
from decloss.dec.streaming import Passes, RowSums


@torch.compiler.disable  # type: ignore[untyped-decorator]  # here alone: at import it loads Dynamo, as large as torch
def row_sums(pairs: Pairs, passes: Passes) -> tuple[Tensor, Tensor]:
    """See ``streaming.Streaming.row_sums``."""
    return RowSums.apply(pairs.u, pairs, passes)
