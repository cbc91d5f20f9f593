"""The streaming backend, which computes the pairs in tiles, never all at once, in plain PyTorch on any device.

S^{sr->sr} and M are symmetric, so a tile (I, J) also gives what rows J need of columns I, together with the product for
S^{sr->hr} the other way round: each pair is met once. The backward pass recomputes tiles, so that none are kept.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from decloss.dec.pairs import Pairs

CPU_TILE = 768
"""The rows of a tile on the CPU: a matrix of 2.4 MB in float32, so that the handful in use stays in the cache."""
DEVICE_TILE = 4096
"""The rows of a tile on accelerators, which need more work at a time: a matrix of 67 MB in float32."""


def row_sums(pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Return the sums over the positives and over the negatives of each row of this process, (own rows,) each.

    These are Q of Eq. (21) and (22) without the temperatures in front of the sums.
    """
    u, v = _operand(pairs.u, pairs), _operand(pairs.v, pairs)
    mask = _Mask(pairs)
    sums_pos = pairs.y.new_zeros(pairs.last - pairs.first)
    sums_neg = torch.zeros_like(sums_pos)
    for rows, columns, mirrored in _tiles(pairs):
        positive = mask(rows, columns)  # (I, J), 0 or 1
        sr_sr = _exponential(u[rows], u[columns], positive, pairs)  # e^S, (I, J)
        sr_hr = _exponential(u[rows], v[columns], positive, pairs)
        own_rows = _own(rows, pairs)
        both = torch.add(sr_sr, sr_hr.mul_(2))
        sums_pos[own_rows] += (chosen := both * positive).sum(dim=1)
        sums_neg[own_rows] += both.sub_(chosen).sum(dim=1)  # a positive leaves exactly zero
        if mirrored:
            hr_sr = _exponential(v[rows], u[columns], positive, pairs)  # this is S^{sr->hr} of rows J, transposed
            own_columns = _own(columns, pairs)
            both = sr_sr.add_(hr_sr.mul_(2))
            sums_pos[own_columns] += torch.mul(both, positive, out=chosen).sum(dim=0)
            sums_neg[own_columns] += both.sub_(chosen).sum(dim=0)
    return sums_pos, sums_neg


def gradient(pairs: Pairs, a: Tensor, b: Tensor) -> Tensor:
    """Return the gradient of the loss with respect to ``u``, (own rows, D).

    Args:
        pairs: the same that ``row_sums`` got.
        a: (B*,), the derivative of the loss with respect to S at a positive of each row, divided by e^S.
        b: (B*,), the same at a negative.
    """
    u, v, twice_v = _operand(pairs.u, pairs), _operand(pairs.v, pairs), _operand(2 * pairs.v, pairs)
    mask = _Mask(pairs)
    result = torch.zeros_like(pairs.y[pairs.first : pairs.last])
    for rows, columns, mirrored in _tiles(pairs):
        positive = mask(rows, columns)  # (I, J)
        sr_sr = _exponential(u[rows], u[columns], positive, pairs)
        sr_hr = _exponential(u[rows], v[columns], positive, pairs)
        of_rows = (positive * (a - b)[rows, None]).add_(b[rows, None])  # a or b of rows I, for each pair
        of_columns = (positive * (a - b)[columns]).add_(b[columns])  # a or b of rows J, for the same pairs
        sr_hr.mul_(of_rows)
        sr_sr.mul_(of_rows.add_(of_columns))  # a pair (i, j) stands in row i and, turned round, in row j
        own_rows = _own(rows, pairs)
        result[own_rows] += _product(sr_sr, u[columns].T)
        result[own_rows] += _product(sr_hr, twice_v[columns].T)
        if mirrored:
            hr_sr = _exponential(v[rows], u[columns], positive, pairs).mul_(of_columns)
            own_columns = _own(columns, pairs)
            result[own_columns] += _product(u[rows].T, sr_sr.T).T
            result[own_columns] += _product(twice_v[rows].T, hr_sr.T).T
    return result


def _tiles(pairs: Pairs) -> Iterator[tuple[slice, slice, bool]]:
    """Yield (rows, columns, whether the tile's mirror image counts too), which cover all pairs of own rows once."""
    size = CPU_TILE if pairs.u.device.type == "cpu" else DEVICE_TILE
    for rows in _cut(pairs.first, pairs.last, size):
        for columns in _cut(rows.start, pairs.last, size):
            yield rows, columns, columns.start > rows.start
        for foreign in ((0, pairs.first), (pairs.last, pairs.count)):
            for columns in _cut(*foreign, size):
                yield rows, columns, False


def _cut(start: int, stop: int, size: int) -> list[slice]:
    return [slice(index, min(index + size, stop)) for index in range(start, stop, size)]


def _own(rows: slice, pairs: Pairs) -> slice:
    return slice(rows.start - pairs.first, rows.stop - pairs.first)


def _operand(vectors: Tensor, pairs: Pairs) -> Tensor:
    return vectors.bfloat16() if pairs.half else vectors


def _exponential(first: Tensor, second: Tensor, positive: Tensor, pairs: Pairs) -> Tensor:
    """Return e^{c S} for unit vectors (I, D) and (J, D), with c by ``positive``; (I, J)."""
    similarity = _product(first, second)
    if pairs.exponent_pos != pairs.exponent_neg:
        similarity.mul_((positive * (pairs.exponent_pos - pairs.exponent_neg)).add_(pairs.exponent_neg))
    elif pairs.exponent_pos != 1:
        similarity.mul_(pairs.exponent_pos)
    return similarity.exp_()


def _product(first: Tensor, second: Tensor) -> Tensor:
    """Return ``first @ second.T`` for (I, K) and (J, K), at least float32, in the lower precision of the two."""
    if torch.bfloat16 in (first.dtype, second.dtype):
        return (first.bfloat16() @ second.bfloat16().T).float()
    if first.device.type == "cpu" and first.dtype == torch.float32 and hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        # torch.compile calls this for a linear layer; on AMD it is twice as fast as the library behind @ in float32.
        return torch.ops.mkldnn._linear_pointwise(first, second, None, "none", [], "")
    return first @ second.T


def _rounds_products(vectors: Tensor) -> bool:
    """Return whether products of float32 may be rounded to TF32 or bfloat16 here, as whoever calls the loss can choose.

    That would lose pairs at the threshold; of similarities it is a small error.
    """
    if vectors.dtype != torch.float32:
        return False
    backend = torch.backends.cuda if vectors.is_cuda else torch.backends.mkldnn
    precision = getattr(getattr(backend, "matmul", None), "fp32_precision", None)  # PyTorch has it since 2.9
    return precision in ("tf32", "bf16") if precision else torch.get_float32_matmul_precision() != "highest"


class _Mask:
    """Tiles of M >= eta as 0 and 1 instead of booleans, since multiplying by them is much faster than choosing."""

    def __init__(self, pairs: Pairs) -> None:
        self._y = pairs.y
        self._radius = pairs.radius
        self._by_differences = _rounds_products(pairs.y) or pairs.by_differences
        if not self._by_differences:
            margins = pairs.margins[:, None]
            ones = torch.ones_like(margins)
            self._left = torch.cat([pairs.y, margins, ones], dim=1)  # left_i.right_j = y_i.y_j + h_i + h_j
            self._right = torch.cat([pairs.y, ones, margins], dim=1)

    def __call__(self, rows: slice, columns: slice) -> Tensor:
        if self._by_differences:
            mode = "donot_use_mm_for_euclid_dist"
            return torch.cdist(self._y[rows], self._y[columns], compute_mode=mode).le_(self._radius)
        positive = _product(self._left[rows], self._right[columns]).ge_(0)
        if rows == columns:
            positive.fill_diagonal_(1)  # each is its own positive, whatever the rounding
        return positive
