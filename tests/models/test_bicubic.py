"""Bicubic scaling against MATLAB: its algorithm written out naively, and files that MATLAB made."""

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from decloss.evaluation.scores import list_pairs, load_pair
from decloss.metrics import psnr
from decloss.models import bicubic_downscale, bicubic_upscale, make_lr
from decloss.pixels import quantize, to_levels


def cubic(x: float) -> float:
    """MATLAB's kernel, a = -0.5."""
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def imresize_line(line: list[float], factor: float) -> list[float]:
    """One line by MATLAB's ``contributions``: widened kernel when shrinking, mirrored edge, weights summing to 1."""
    length = round(len(line) * factor)
    widen = min(factor, 1.0)
    result = []
    for i in range(length):
        centre = (i + 0.5) / factor - 0.5
        reach = math.ceil(2 / widen) + 1
        total = weight_sum = 0.0
        for j in range(math.floor(centre) - reach, math.floor(centre) + reach + 1):
            weight = widen * cubic(widen * (centre - j))
            mirrored = j % (2 * len(line))
            total += weight * line[min(mirrored, 2 * len(line) - 1 - mirrored)]
            weight_sum += weight
        result.append(total / weight_sum)
    return result


def imresize(image: torch.Tensor, factor: float) -> torch.Tensor:
    rows = torch.tensor([imresize_line(line, factor) for line in image.T.tolist()], dtype=torch.float64).T
    return torch.tensor([imresize_line(line, factor) for line in rows.tolist()], dtype=torch.float64)


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 7), width=st.integers(1, 7), seed=st.integers(0, 1000))
def test_both_directions_equal_matlabs_algorithm_borders_included(height: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    large = torch.rand(4 * height, 4 * width, dtype=torch.float64)
    small = torch.rand(height, width, dtype=torch.float64)
    torch.testing.assert_close(bicubic_downscale(large[None, None])[0, 0], imresize(large, 0.25), atol=1e-12, rtol=0)
    torch.testing.assert_close(bicubic_upscale(small[None, None])[0, 0], imresize(small, 4.0), atol=1e-12, rtol=0)


def test_a_constant_image_stays_constant() -> None:
    image = torch.full((1, 3, 16, 20), 0.37, dtype=torch.float64)
    assert (bicubic_downscale(image) - 0.37).abs().max() < 1e-12
    assert (bicubic_upscale(image) - 0.37).abs().max() < 1e-12


@pytest.mark.parametrize("size", [(17, 16), (16, 18), (0, 16)])
def test_sides_that_are_not_multiples_of_the_scale_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        bicubic_downscale(torch.rand(1, 3, *size))


def test_half_precision_is_computed_in_float32() -> None:
    image = torch.rand(1, 3, 16, 16)
    exact = bicubic_downscale(image.bfloat16().float())
    assert (bicubic_downscale(image.bfloat16()).float() - exact).abs().max() < 2**-8


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_to_the_level_that_its_values_mean(dtype: torch.dtype) -> None:
    """White must not become black, nor brighter than white."""
    values = torch.linspace(-0.1, 1.1, 97).to(dtype)
    assert torch.equal(to_levels(values), to_levels(values.float())) and to_levels(values)[-1] == 255
    assert torch.equal(quantize(values).float(), quantize(values.float()))


def test_quantize_rounds_half_up_and_clamps() -> None:
    values = torch.tensor([-0.2, 0.5 / 255, 1.49 / 255, 2.5 / 255, 1.3])
    assert torch.equal((quantize(values) * 255).round(), torch.tensor([0.0, 1.0, 1.0, 3.0, 255.0]))


@pytest.mark.parametrize("benchmark", ["Set5", "Set14", "BSD100"])
def test_lr_files_made_by_matlab_are_matched_exactly_in_the_interior(data: Path, benchmark: str) -> None:
    """Their border differs: they were cut from larger LR images."""
    for pair in list_pairs(data / "benchmarks" / benchmark):
        lr, hr = load_pair(pair)
        interior = (..., slice(2, -2), slice(2, -2))
        assert torch.equal((make_lr(hr)[interior] * 255).round(), (lr[interior] * 255).round()), pair.name


@pytest.mark.parametrize(("benchmark", "expected"), [("Set5", 28.43), ("Set14", 26.09), ("BSD100", 25.96)])
def test_bicubic_has_its_published_psnr(data: Path, benchmark: str, expected: float) -> None:
    values = []
    for pair in list_pairs(data / "benchmarks" / benchmark):
        lr, hr = load_pair(pair)
        values.append(psnr(quantize(bicubic_upscale(lr)), hr).item())
    assert sum(values) / len(values) == pytest.approx(expected, abs=0.01)
