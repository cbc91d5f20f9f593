"""Mini-patches, similarities and contrast against Eq. (18) to (23), transcribed as loops in float64."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_loops import loss_by_the_paper
from torch import Tensor

from decloss.dec.dense import INSIDE, OUTSIDE, contrast
from decloss.dec.frequency import enhance_high_frequency, inverse_gaussian_mask
from decloss.dec.similarity import extract_mini_patches, psnr_similarity
from decloss.losses.settings import LossSettings


def patches(count: int, channels: int = 2, size: int = 2, seed: int = 0) -> tuple[Tensor, Tensor]:
    """SR and HR mini-patches, float64, with some HR pairs close to each other."""
    generator = torch.Generator().manual_seed(seed)
    hr = 0.3 * torch.randn(count, channels, size, size, generator=generator, dtype=torch.float64)
    hr[1::3] = hr[0] + 0.01 * hr[1::3]
    return hr + 0.1 * torch.randn(hr.shape, generator=generator, dtype=torch.float64), hr


def test_memory_layout_does_not_matter() -> None:
    images = torch.rand(2, 3, 12, 8)
    for other in (images.to(memory_format=torch.channels_last), images.repeat(1, 1, 1, 2)[..., ::2]):
        assert torch.equal(extract_mini_patches(other, 4), extract_mini_patches(other.contiguous(), 4))
    channels_last = images.to(memory_format=torch.channels_last)
    torch.testing.assert_close(enhance_high_frequency(channels_last), enhance_high_frequency(images))


def test_mini_patches_come_row_by_row_and_leave_the_rest_out() -> None:
    images = torch.arange(2 * 1 * 5 * 7).reshape(2, 1, 5, 7)
    cut = extract_mini_patches(images, 2)
    assert cut.shape == (2 * 2 * 3, 1, 2, 2)
    expected = [
        images[b, :, 2 * r : 2 * r + 2, 2 * c : 2 * c + 2] for b in range(2) for r in range(2) for c in range(3)
    ]
    assert torch.equal(cut, torch.stack(expected))


def test_psnr_similarity_is_eq_20_and_infinite_for_equal_patches() -> None:
    _, hr = patches(7)
    hr[5] = hr[2]
    m = psnr_similarity(hr, max_value=2.0)
    for i in range(7):
        for j in range(7):
            distance = math.dist(hr[i].flatten().tolist(), hr[j].flatten().tolist())
            expected = math.inf if distance == 0 else -20 * math.log10(distance / 2.0)
            assert m[i, j].item() == pytest.approx(expected, abs=1e-9)
    assert m[2, 5] == math.inf and torch.isinf(m.diagonal()).all()


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 9),
    eta=st.floats(-20, 60),
    t_pos=st.floats(0.3, 3),
    t_neg=st.floats(0.3, 3),
    temperature=st.sampled_from([OUTSIDE, INSIDE]),
    seed=st.integers(0, 99),
)
def test_the_loss_is_the_papers(
    count: int, eta: float, t_pos: float, t_neg: float, temperature: str, seed: int
) -> None:
    sr, hr = patches(count, seed=seed)
    expected, terms = loss_by_the_paper(sr, hr, eta, t_pos, t_neg, temperature)
    result = contrast(sr, hr, eta, t_pos, t_neg, temperature)
    assert result.loss.item() == pytest.approx(expected, abs=1e-10)
    torch.testing.assert_close(result.patch_loss, torch.tensor(terms, dtype=torch.float64), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inverse_gaussian_mask(0, 4), "0 and 4"),
        (lambda: inverse_gaussian_mask(4, 4, alpha=0.0), "alpha.*0.0"),
        (lambda: inverse_gaussian_mask(4, 4, alpha=-1e5), "alpha.*-1"),
        (lambda: inverse_gaussian_mask(4, 4, alpha=float("nan")), "alpha.*nan"),
        (lambda: inverse_gaussian_mask(4, 4, mu=-1.0), "mu.*-1.0"),
        (lambda: inverse_gaussian_mask(5, 5, mu=1e-30), "mu.*1e-30"),
        (lambda: LossSettings(dec_weight=1.0, mu=1e200), r"mu.*1e\+200"),
        (lambda: enhance_high_frequency(torch.rand(3, 4, 4)), r"\(3, 4, 4\)"),
        (lambda: enhance_high_frequency(torch.ones(1, 3, 4, 4, dtype=torch.uint8)), "uint8"),
        (lambda: extract_mini_patches(torch.rand(1, 3, 4, 6), 5), "1 to 4.*5"),
        (lambda: extract_mini_patches(torch.rand(1, 3, 4, 6), 0), "got 0"),
        (lambda: psnr_similarity(torch.rand(2, 1, 2, 2), 0.0), "0.0"),
        (lambda: contrast(torch.rand(2, 1, 2, 2), torch.rand(3, 1, 2, 2), 1.0), r"\(3, 1, 2, 2\)"),
        (lambda: contrast(*patches(2), 1.0, t_pos=0.0), "0.0 and 1.5"),
        (lambda: contrast(*patches(2), 1.0, temperature="middle"), "middle"),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
