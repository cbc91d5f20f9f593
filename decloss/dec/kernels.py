"""The triton backend, in which one program for each block of rows walks over all columns and keeps only the sums.

It has the functions of ``tiles``, but takes no mirror images: they would need atomic additions, whose order, and so
whose rounding, changes from run to run. Similarities never leave the chip.
"""

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache

import torch
import triton
import triton.language as tl
from torch import Tensor

from decloss.dec.pairs import Pairs

INTERPRETED = triton.knobs.runtime.interpret
PIECE = 64
"""The number of a mini-patch's values that are multiplied at a time, so that a tile fits on the chip."""


def _configurations(blocks: list[tuple[int, int, int]]) -> list[triton.Config]:
    """Return what Triton times on the GPU at hand, the first time for each kind of input, to choose the fastest."""
    configurations = [
        triton.Config({"ROWS": rows, "COLUMNS": columns}, num_warps=warps, num_stages=stages)
        for rows, columns, warps in blocks
        for stages in (1, 2)
    ]
    return configurations[:1] if INTERPRETED else configurations


KEY = ["values", "PRECISION", "BY_DIFFERENCES"]


def row_sums(pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Do the same as ``tiles.row_sums``."""
    own = pairs.last - pairs.first
    sums_pos = torch.empty(own, dtype=pairs.y.dtype, device=pairs.y.device)
    sums_neg = torch.empty_like(sums_pos)
    inputs, options = _arguments(pairs)
    with _device_of(sums_pos):
        _row_sums[_grid(own)](*inputs, sums_pos, sums_neg, **options)
    return sums_pos, sums_neg


def gradient(pairs: Pairs, a: Tensor, b: Tensor) -> Tensor:
    """Do the same as ``tiles.gradient``."""
    own = pairs.last - pairs.first
    result = torch.empty(own, pairs.y.shape[1], dtype=pairs.y.dtype, device=pairs.y.device)
    inputs, options = _arguments(pairs)
    width = padded(pairs.y.shape[1])
    with _device_of(result):
        _gradient[_grid(own)](*inputs, a.contiguous(), b.contiguous(), result, WIDTH=width, **options)
    return result


def _device_of(tensor: Tensor) -> AbstractContextManager[object]:
    # By itself Triton starts a kernel on the current device, wherever its tensors are. On the CPU this does nothing.
    return torch.cuda.device_of(tensor)  # type: ignore[no-untyped-call]  # PyTorch gives it no types


def padded(values: int) -> int:
    """Return a size that the tensor cores take and that holds ``values``."""
    return max(16, triton.next_power_of_2(values))


def _grid(own: int) -> Callable[[dict], tuple[int]]:
    return lambda meta: (triton.cdiv(own, meta["ROWS"]),)


def _arguments(pairs: Pairs) -> tuple[tuple, dict]:
    """Return the first arguments of both kernels, and their switches."""
    # Tensor cores have TF32 since Ampere. One pass would lose pairs at the threshold; three are as good as float32.
    tensor_cores = pairs.u.device.type == "cuda" and torch.cuda.get_device_capability(pairs.u.device) >= (8, 0)
    u, v = pairs.u.detach(), pairs.v
    if pairs.half and (tensor_cores or INTERPRETED):
        u, v = u.bfloat16(), v.bfloat16()
    if INTERPRETED:  # the interpreter would multiply the bits of bfloat16 as if they were whole numbers
        u, v = u.to(pairs.y.dtype), v.to(pairs.y.dtype)
    inputs = (
        u.contiguous(),
        v.contiguous(),
        pairs.y.contiguous(),
        pairs.margins,
        pairs.count,
        pairs.first,
        pairs.last,
        pairs.y.shape[1],
        pairs.radius**2,
        pairs.exponent_pos,
        pairs.exponent_neg,
    )
    options = {
        "BY_DIFFERENCES": pairs.by_differences,
        "SAME_EXPONENT": pairs.exponent_pos == pairs.exponent_neg,
        "PRECISION": "tf32x3" if tensor_cores else "ieee",
        "PIECE": min(PIECE, padded(pairs.y.shape[1])),
        "SUMS": tl.float64 if pairs.y.dtype == torch.float64 else tl.float32,
    }
    return inputs, options


@cache
def work_on(device: torch.device) -> bool:
    """Return whether Triton can build and start a kernel on ``device``; warn once if not.

    Triton needs a GPU of compute capability 7, and on most systems a C compiler and Python's headers.
    """
    mark = torch.zeros(1, device=device)
    try:
        with _device_of(mark):
            _mark[(1,)](mark)
        return mark.item() == 1
    except Exception as error:  # a missing compiler, header or driver: each has its own kind of error
        warnings.warn(f"Triton cannot run on {device}, DECLoss takes its streaming backend: {error}", stacklevel=2)
        return False


@triton.jit
def _mark(target):
    tl.store(target, 1.0)


@triton.jit
def _block(vectors, rows, last, values, start, SIZE: tl.constexpr):
    """Load values ``start`` to ``start + SIZE`` of the ``rows`` of a (B*, values) matrix, with zeros outside of it."""
    columns = start + tl.arange(0, SIZE)
    inside = (rows < last)[:, None] & (columns < values)[None, :]
    return tl.load(vectors + rows[:, None] * values + columns[None, :], mask=inside, other=0.0)


@triton.jit
def _tile(
    u, v, y, margins, rows, columns, last, count, values, radius_squared, exponent_pos, exponent_neg,
    BY_DIFFERENCES: tl.constexpr, SAME_EXPONENT: tl.constexpr, PRECISION: tl.constexpr, SUMS: tl.constexpr,
    PIECE: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """Return e^{c S^{sr->sr}}, e^{c S^{sr->hr}} and whether a pair is positive, for the pairs (rows, columns)."""
    sr_sr = tl.zeros((ROWS, COLUMNS), SUMS)
    sr_hr = tl.zeros((ROWS, COLUMNS), SUMS)
    # This becomes |y_i - y_j|^2 if BY_DIFFERENCES, else y_i.y_j.
    closeness = tl.zeros((ROWS, COLUMNS), SUMS)
    for start in range(0, values, PIECE):
        u_i = _block(u, rows, last, values, start, PIECE)
        u_j = _block(u, columns, count, values, start, PIECE)
        v_j = _block(v, columns, count, values, start, PIECE)
        sr_sr = tl.dot(u_i, tl.trans(u_j), sr_sr, input_precision=PRECISION, out_dtype=SUMS)  # Eq. (19)
        sr_hr = tl.dot(u_i, tl.trans(v_j), sr_hr, input_precision=PRECISION, out_dtype=SUMS)  # Eq. (18)
        if not BY_DIFFERENCES:
            y_i = _block(y, rows, last, values, start, PIECE)
            y_j = _block(y, columns, count, values, start, PIECE)
            closeness = tl.dot(y_i, tl.trans(y_j), closeness, input_precision=PRECISION, out_dtype=SUMS)
    if BY_DIFFERENCES:
        for value in range(values):
            y_i = tl.load(y + rows * values + value, mask=rows < last, other=0.0)
            y_j = tl.load(y + columns * values + value, mask=columns < count, other=0.0)
            difference = y_i[:, None] - y_j[None, :]
            closeness += difference * difference
        positive = closeness <= radius_squared
    else:
        of_rows = tl.load(margins + rows, mask=rows < last, other=0.0)
        of_columns = tl.load(margins + columns, mask=columns < count, other=0.0)
        positive = closeness + of_rows[:, None] + of_columns[None, :] >= 0
    positive = positive | (rows[:, None] == columns[None, :])  # each is its own positive, whatever the rounding
    exponent = exponent_pos if SAME_EXPONENT else tl.where(positive, exponent_pos, exponent_neg)
    return tl.exp(exponent * sr_sr), tl.exp(exponent * sr_hr), positive


@triton.autotune(configs=_configurations([(64, 64, 8), (128, 64, 8), (64, 32, 4)]), key=KEY)
@triton.jit
def _row_sums(
    u, v, y, margins, count, first, last, values, radius_squared, exponent_pos, exponent_neg, sums_pos, sums_neg,
    BY_DIFFERENCES: tl.constexpr, SAME_EXPONENT: tl.constexpr, PRECISION: tl.constexpr, SUMS: tl.constexpr,
    PIECE: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    rows = first + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    total_pos = tl.zeros((ROWS,), SUMS)
    total_neg = tl.zeros((ROWS,), SUMS)
    for column in range(0, count, COLUMNS):
        columns = column + tl.arange(0, COLUMNS)
        sr_sr, sr_hr, positive = _tile(
            u, v, y, margins, rows, columns, last, count, values, radius_squared, exponent_pos, exponent_neg,
            BY_DIFFERENCES, SAME_EXPONENT, PRECISION, SUMS, PIECE, ROWS, COLUMNS,
        )  # fmt: skip
        both = tl.where((columns < count)[None, :], sr_sr + 2 * sr_hr, 0.0)
        total_pos += tl.sum(tl.where(positive, both, 0.0), axis=1)  # Eq. (21)
        total_neg += tl.sum(tl.where(positive, 0.0, both), axis=1)  # Eq. (22)
    tl.store(sums_pos + rows - first, total_pos, mask=rows < last)
    tl.store(sums_neg + rows - first, total_neg, mask=rows < last)


@triton.autotune(configs=_configurations([(64, 64, 8), (64, 32, 8), (64, 32, 4)]), key=KEY)
@triton.jit
def _gradient(
    u, v, y, margins, count, first, last, values, radius_squared, exponent_pos, exponent_neg, a, b, result,
    BY_DIFFERENCES: tl.constexpr, SAME_EXPONENT: tl.constexpr, PRECISION: tl.constexpr, SUMS: tl.constexpr,
    PIECE: tl.constexpr, WIDTH: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    rows = first + tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    a_i = tl.load(a + rows, mask=rows < last, other=0.0)[:, None]
    b_i = tl.load(b + rows, mask=rows < last, other=0.0)[:, None]
    total = tl.zeros((ROWS, WIDTH), SUMS)
    for column in range(0, count, COLUMNS):
        columns = column + tl.arange(0, COLUMNS)
        sr_sr, sr_hr, positive = _tile(
            u, v, y, margins, rows, columns, last, count, values, radius_squared, exponent_pos, exponent_neg,
            BY_DIFFERENCES, SAME_EXPONENT, PRECISION, SUMS, PIECE, ROWS, COLUMNS,
        )  # fmt: skip
        a_j = tl.load(a + columns, mask=columns < count, other=0.0)[None, :]
        b_j = tl.load(b + columns, mask=columns < count, other=0.0)[None, :]
        # Beyond the last column u_j and v_j are zero, so that these columns add nothing.
        u_j = _block(u, columns, count, values, 0, WIDTH)
        of_u = sr_sr * tl.where(positive, a_i + a_j, b_i + b_j)
        total = tl.dot(of_u.to(u_j.dtype), u_j, total, input_precision=PRECISION, out_dtype=SUMS)
        v_j = _block(v, columns, count, values, 0, WIDTH)
        of_v = 2 * sr_hr * tl.where(positive, a_i, b_i)
        total = tl.dot(of_v.to(v_j.dtype), v_j, total, input_precision=PRECISION, out_dtype=SUMS)
    width = tl.arange(0, WIDTH)
    inside = (rows < last)[:, None] & (width < values)[None, :]
    tl.store(result + (rows - first)[:, None] * values + width[None, :], total, mask=inside)
