"""Which device to use, and in which precision: bfloat16 where the processor has it, float32 elsewhere."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import nn

from decloss.host.where import waits_for_gpu

PRECISIONS = ("auto", "bfloat16", "float32")


def best_device() -> torch.device:
    """Return CUDA if this process has it, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() and not waits_for_gpu() else "cpu")


def named_device(name: str) -> torch.device:
    """Return the device that ``name`` asks for: "auto" (CUDA where there is one), "cpu" or "cuda".

    Raises:
        ValueError: for another name, or CUDA where there is none.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device must be auto, cpu or cuda, got {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was asked for, but torch finds no CUDA device here")
    return best_device() if name == "auto" else torch.device(name)


def to_best_device(model: nn.Module) -> nn.Module:
    """Move ``model`` to the best device, channels-last: twice as fast for convolutions in bfloat16."""
    return model.to(best_device(), memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it


def has_native_bfloat16(device: torch.device) -> bool:
    """Return whether ``device`` multiplies bfloat16 in hardware; emulated it would be slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    # Torch has no public query for this in the versions we support; a missing probe means "no".
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, lambda: False)()) for probe in probes)


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the dtype for convolutions; "auto" is bfloat16 where it is native.

    Raises:
        ValueError: if ``precision`` is not one of ``PRECISIONS``.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {PRECISIONS}, got {precision!r}")
    if precision == "auto":
        return torch.bfloat16 if has_native_bfloat16(device) else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Return a context of mixed precision in ``dtype``; float32 means none, and on CUDA no TF32 in its place either."""
    if dtype != torch.float32:
        return torch.autocast(device.type, dtype=dtype)
    if device.type != "cuda":
        return nullcontext()
    cudnn = torch.backends.cudnn  # without their values here, ``flags`` would turn off cuDNN and its choosing
    return cudnn.flags(enabled=cudnn.enabled, benchmark=cudnn.benchmark, allow_tf32=False)


@contextmanager
def equal_shapes() -> Iterator[None]:
    """Let cuDNN try its ways to convolve the first time for each shape: this pays where all batches have the same."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def describe(device: torch.device) -> str:
    """Return the hardware in words, for a checkpoint's card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s'[: threads != 1]}, {torch.backends.cpu.get_cpu_capability()}"
