"""What the tests of the loss share: images, an eta that rounding cannot disturb, and the backends that run here."""

import importlib.util
import os

import pytest
import torch
from conftest import REQUIRE_VARIABLE
from torch import Tensor

import decloss
from decloss.dec.backends import DENSE, STREAMING, TRITON

MISSING = importlib.util.find_spec("triton") is None
# Where everything must run (CI) nothing is skipped: without Triton the tests then fail.
no_triton = pytest.mark.skipif(
    MISSING and not os.environ.get(REQUIRE_VARIABLE), reason="the package triton is not installed"
)
EVERY_BACKEND = [DENSE, STREAMING, pytest.param(TRITON, marks=no_triton)]
LINEAR_BACKENDS = EVERY_BACKEND[1:]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def images(
    batch: int = 2, channels: int = 3, height: int = 16, width: int = 24, *, seed: int = 0, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """SR and HR in [0, 1]; the SR a noisy HR, so that there is something to learn."""
    generator = torch.Generator().manual_seed(seed)
    hr = torch.rand(batch, channels, height, width, generator=generator, dtype=torch.float64)
    sr = (hr + 0.2 * torch.randn(hr.shape, generator=generator, dtype=torch.float64)).clamp(0, 1)
    return sr.to(DEVICE, dtype), hr.to(DEVICE, dtype)


def safe_eta(hr: Tensor, share: float, mu: float, patch_size: int) -> float:
    """About ``share`` positives, in the widest gap nearby: no pair so near the threshold that rounding may turn it."""
    enhanced = decloss.enhance_high_frequency(hr.double(), mu=mu)
    m = decloss.psnr_similarity(decloss.extract_mini_patches(enhanced, patch_size))
    ladder = m[m.isfinite()].unique()
    if len(ladder) < 2:
        return 0.0
    position = int((1 - share) * (len(ladder) - 1))
    nearby = ladder[max(position - 20, 0) : position + 20]
    widest = int((nearby[1:] - nearby[:-1]).argmax())
    return float(nearby[widest] + nearby[widest + 1]) / 2


def loss_and_gradient(loss: decloss.DECLoss, sr: Tensor, hr: Tensor) -> tuple[Tensor, Tensor]:
    leaf = sr.detach().clone().requires_grad_()
    value = loss(leaf, hr)
    value.backward()
    assert leaf.grad is not None and leaf.grad.dtype == leaf.dtype
    return value.detach(), leaf.grad
