"""High-frequency enhancement against Eq. (12) to (17), transcribed as loops in float64."""

import cmath
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from decloss.dec.frequency import enhance_high_frequency, inverse_gaussian_mask
from decloss.dec.parameters import NARROWEST, WIDEST


def kernel(size: int, alpha: float, mu: float) -> list[float]:
    """Eq. (15)."""
    return [alpha * math.exp(-((i - (size - 1) / 2) ** 2) / (2 * mu**2)) for i in range(size)]


def enhance_by_the_paper(image: Tensor, alpha: float, mu: float) -> Tensor:
    """Eq. (12) to (17) for one channel (H, W), with Y'_f in Eq. (16) where Y_f is printed; the real part."""
    height, width = image.shape
    fh = [[cmath.exp(-2j * math.pi * j * k / height) for k in range(height)] for j in range(height)]  # Eq. (13)
    fw = [[cmath.exp(-2j * math.pi * j * k / width) for k in range(width)] for j in range(width)]
    kh, kw = kernel(height, alpha, mu), kernel(width, alpha, mu)
    weighted = torch.zeros(height, width, dtype=torch.complex128)
    for u in range(height):
        for v in range(width):
            total = sum(fh[u][a] * image[a, b].item() * fw[b][v] for a in range(height) for b in range(width))
            weighted[u, v] = kh[u] * kw[v] * total  # Eq. (14)
    result = torch.zeros(height, width, dtype=torch.float64)
    for a in range(height):
        for b in range(width):
            total = sum(
                fh[a][u].conjugate() * weighted[u, v].item() * fw[v][b].conjugate()
                for u in range(height)
                for v in range(width)
            )
            result[a, b] = (total / (height * width)).real  # Eq. (16)
    return result


@settings(max_examples=8, deadline=None)
@given(
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    alpha=st.floats(0.2, 3),
    mu=st.floats(0.5, 20),
    seed=st.integers(0, 99),
)
def test_enhancement_is_the_papers(height: int, width: int, alpha: float, mu: float, seed: int) -> None:
    image = torch.rand(height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    expected = enhance_by_the_paper(image, alpha, mu)
    torch.testing.assert_close(enhance_high_frequency(image[None, None], alpha, mu)[0, 0], expected, atol=1e-10, rtol=0)


def test_the_mask_is_the_outer_product_of_eq_15_with_dc_at_the_corner() -> None:
    mask = inverse_gaussian_mask(5, 8, alpha=1.5, mu=2.0, dtype=torch.float64)
    expected = [[a * b for b in kernel(8, 1.5, 2.0)] for a in kernel(5, 1.5, 2.0)]
    torch.testing.assert_close(mask, torch.tensor(expected, dtype=torch.float64))
    assert mask[0, 0] == mask.min()


@pytest.mark.parametrize(("mu", "weight"), [(30, 4e-5), (48, 0.019), (64, 0.108), (96, 0.37), (192, 0.78)])
def test_the_weight_of_dc_at_the_papers_crop_size(mu: float, weight: float) -> None:
    assert inverse_gaussian_mask(192, 192, mu=mu)[0, 0].item() == pytest.approx(weight, rel=0.06)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_mask_in_half_precision_is_that_of_float32_rounded(dtype: torch.dtype) -> None:
    """Squares of indices do not fit into float16, and bfloat16 has no odd index beyond 256."""
    mask = inverse_gaussian_mask(1024, 1023, mu=256, dtype=dtype)
    assert torch.equal(mask, inverse_gaussian_mask(1024, 1023, mu=256).to(dtype))
    assert mask[0, 0].item() == pytest.approx(math.exp(-(511.5**2 + 511**2) / (2 * 256**2)), rel=1e-2)


def test_the_narrowest_and_the_widest_mask_are_numbers() -> None:
    for dtype in (torch.float16, torch.float32, torch.float64):
        narrow, wide = (inverse_gaussian_mask(5, 5, mu=mu, dtype=dtype) for mu in (NARROWEST, WIDEST))
        assert narrow[2, 2] == 1 and narrow.sum() == 1 and (wide == 1).all()


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 33), width=st.integers(1, 33), mu=st.floats(0.5, 50), seed=st.integers(0, 99))
def test_taking_the_real_part_equals_the_symmetrised_mask(height: int, width: int, mu: float, seed: int) -> None:
    """The statement that lets half a spectrum do."""
    image = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    mask = inverse_gaussian_mask(height, width, mu=mu, dtype=torch.float64)
    printed = torch.fft.ifft2(mask * torch.fft.fft2(image)).real
    torch.testing.assert_close(enhance_high_frequency(image, mu=mu), printed, atol=1e-12, rtol=0)


def test_a_high_frequency_survives_and_a_low_one_does_not() -> None:
    x = torch.arange(64, dtype=torch.float64)
    low = torch.cos(2 * math.pi * x / 64).expand(1, 1, 64, 64)
    high = torch.cos(2 * math.pi * 31 * x / 64)[:, None] * torch.cos(2 * math.pi * 31 * x / 64)[None]
    assert enhance_high_frequency(low, mu=8).norm() < 1e-3 * low.norm()
    assert enhance_high_frequency(high[None, None], mu=8).norm() > 0.9 * high.norm()


def test_half_precision_and_autocast_are_computed_in_float32() -> None:
    images = torch.rand(1, 3, 16, 24)
    for dtype in (torch.float16, torch.bfloat16):
        half = images.to(dtype)
        assert torch.equal(enhance_high_frequency(half), enhance_high_frequency(half.float()))
    expected = enhance_high_frequency(images)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(enhance_high_frequency(images), expected)
