"""What the Contrast tab shows, against Eq. (18) to (23) as loops in float64."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import sample_photo
from paper_loops import loss_by_the_paper

import decloss
from decloss.dec.dense import INSIDE, OUTSIDE
from decloss.dec.similarity import psnr_of_pairs, psnr_similarity
from decloss.pixels import to_tensor
from decloss.views.contrast import (
    MOST,
    PRINTED,
    STEPS_PER_DB,
    ContrastSettings,
    compute_contrast,
    compute_row,
    compute_slope,
    compute_slopes,
    loss_with_alpha,
    most_positives,
    used_side,
)

SETTINGS = ContrastSettings(patch_size=8, mu_share=0.3, alpha=1.5, share=0.2)
Pixels = np.ndarray


def crops(side: int = 64) -> tuple[Pixels, Pixels]:
    """SR and HR: a photo, and the same smoothed by a neighbour and shifted in value."""
    hr = sample_photo(side, side, seed=3)
    sr = ((hr.astype(int) + np.roll(hr, 1, axis=1)) // 2 + np.arange(side)[:, None, None] % 7).clip(0, 255)
    return sr.astype(np.uint8), hr


def patches_by_the_paper(pixels: Pixels, settings: ContrastSettings) -> torch.Tensor:
    """Enhanced mini-patches in float64: a full Fourier transform with the mask as printed."""
    side = len(pixels)
    mask = decloss.inverse_gaussian_mask(
        side, side, settings.alpha, settings.mu_share * side, dtype=torch.float64
    ).numpy()
    image = pixels.astype(np.float64).transpose(2, 0, 1) / 255
    enhanced = np.fft.ifft2(mask * np.fft.fft2(image)).real
    size = settings.patch_size
    cells = [
        enhanced[:, row : row + size, column : column + size]
        for row in range(0, side, size)
        for column in range(0, side, size)
    ]
    return torch.from_numpy(np.stack(cells))


@pytest.mark.parametrize("temperature", [OUTSIDE, INSIDE])
def test_the_loss_and_its_summands_are_the_papers(temperature: str) -> None:
    sr, hr = crops()
    settings = replace(SETTINGS, temperature=temperature, t_pos=0.7, t_neg=0.4)
    view = compute_contrast(sr, hr, settings)
    parts = (patches_by_the_paper(pixels, settings) for pixels in (sr, hr))
    expected, terms = loss_by_the_paper(*parts, view.eta, 0.7, 0.4, temperature)
    assert view.n == 8
    assert view.loss == pytest.approx(expected, abs=1e-4)
    assert view.by_patch == pytest.approx(np.reshape(terms, (8, 8)), abs=1e-3)
    slope = compute_slope(view, 0.7, 0.4, temperature)
    assert slope.loss == pytest.approx(expected, abs=1e-4)


def test_one_row_is_the_papers_and_lies_as_in_the_picture() -> None:
    sr, hr = crops()
    view = compute_contrast(sr, hr, SETTINGS)
    row = compute_row(view, 2, 5)
    x, y = (patches_by_the_paper(pixels, SETTINGS).flatten(1).numpy() for pixels in (sr, hr))
    own = 2 * 8 + 5
    q_pos = q_neg = 0.0
    for j in range(64):
        place = divmod(j, 8)
        distance = np.linalg.norm(y[own] - y[j])
        m = math.inf if j == own else -20 * math.log10(distance)
        sr_hr = x[own] @ y[j] / (np.linalg.norm(x[own]) * np.linalg.norm(y[j]))
        sr_sr = x[own] @ x[j] / (np.linalg.norm(x[own]) * np.linalg.norm(x[j]))
        assert row.m[place] == pytest.approx(m, abs=1e-3)
        assert row.s_sr_hr[place] == pytest.approx(sr_hr, abs=1e-4)
        assert row.s_sr_sr[place] == pytest.approx(sr_sr, abs=1e-4)
        assert row.positives[place] == (m >= view.eta)
        if m >= view.eta:
            q_pos += (math.exp(sr_sr) + 2 * math.exp(sr_hr)) / PRINTED[0]
        else:
            q_neg += (math.exp(sr_sr) + 2 * math.exp(sr_hr)) / PRINTED[1]
    assert 1 < row.positives.sum() < 64
    assert row.q_pos == pytest.approx(q_pos, rel=1e-4)
    assert row.q_neg == pytest.approx(q_neg, rel=1e-4)
    assert row.loss == pytest.approx(-math.log(q_pos / q_neg), abs=1e-4)
    assert row.loss == pytest.approx(view.by_patch[2, 5], abs=1e-4)


def test_the_gradient_is_what_small_changes_of_single_pixels_do() -> None:
    sr, hr = crops()
    view = compute_contrast(sr, hr, SETTINGS)
    gradient = compute_slope(view, *PRINTED, OUTSIDE).gradient
    assert gradient.shape == (64, 64, 3)
    loss = decloss.DECLoss(1.5, 0.3 * 64, view.eta, *PRINTED, 8, backend="dense")
    target = to_tensor(hr).double()
    largest = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    for y, x, channel in (largest, (10, 50, 1), (63, 0, 2)):
        moved = []
        for step in (1e-5, -1e-5):
            image = to_tensor(sr).double()
            image[0, channel, y, x] += step
            moved.append(loss(image, target).item())
        assert gradient[y, x, channel] == pytest.approx((moved[0] - moved[1]) / 2e-5, rel=1e-3, abs=1e-6)


def test_the_histogram_counts_every_pair_once_and_tells_the_share_at_each_of_its_steps() -> None:
    sr, hr = crops()
    view = compute_contrast(sr, hr, replace(SETTINGS, alpha=1.0))
    y = patches_by_the_paper(hr, replace(SETTINGS, alpha=1.0)).flatten(1).numpy()
    m = np.array([-20 * math.log10(np.linalg.norm(y[i] - y[j])) for i in range(64) for j in range(i)])
    histogram = view.histogram
    assert histogram.counts.sum() + histogram.equal == len(m) == 64 * 63 // 2
    assert histogram.counts[0] > 0 and histogram.counts[-1] > 0
    edges = histogram.start + np.arange(len(histogram.counts))
    for step in edges[:: max(1, len(edges) // 9)]:
        above = histogram.counts[edges >= step].sum() + histogram.equal
        close = np.abs(m - step / STEPS_PER_DB) < 1e-3  # rounding may turn these
        assert abs(int(above) - int((m >= step / STEPS_PER_DB).sum())) <= close.sum()
    assert view.share == pytest.approx((m >= view.eta).mean(), abs=1e-9)
    assert view.share == pytest.approx(0.2, abs=1 / len(m))


def test_equal_mini_patches_are_counted_apart_since_their_m_is_infinite() -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    view = compute_contrast(black, black, replace(SETTINGS, eta=40.0))
    assert view.histogram.equal == 64 * 63 // 2 and len(view.histogram.counts) == 0
    assert view.share == 1 and view.loss == 0
    with pytest.raises(ValueError, match="equal"):
        compute_contrast(black, black, SETTINGS)


def test_psnr_of_pairs_is_the_upper_triangle_of_m() -> None:
    patches = torch.randn(9, 2, 2, 2, dtype=torch.float64)
    patches[4] = patches[1]
    m = psnr_similarity(patches, 2.0)
    first, second = torch.triu_indices(9, 9, 1)
    torch.testing.assert_close(psnr_of_pairs(patches, 2.0), m[first, second], rtol=1e-12, atol=0)


def test_mini_patches_of_one_pixel_lie_in_memory_as_products_want_them() -> None:
    assert decloss.extract_mini_patches(torch.rand(2, 3, 6, 6), 1).flatten(1).is_contiguous()


@pytest.mark.parametrize(
    ("side", "patch_size", "expected"),
    [
        (192, 1, 48),
        (192, 2, 96),
        (192, 4, 192),
        (192, 8, 192),
        (192, 5, 190),
        (192, 13, 182),
        (64, 1, 48),
        (64, 16, 64),
    ],
)
def test_small_mini_patches_come_from_the_middle_of_the_crop(side: int, patch_size: int, expected: int) -> None:
    assert used_side(side, patch_size) == expected
    sr, hr = crops(side)
    view = compute_contrast(sr, hr, ContrastSettings(patch_size=patch_size, eta=20.0))
    start = (side - expected) // 2
    assert np.array_equal(view.hr, hr[start : start + expected, start : start + expected])
    assert np.array_equal(view.sr, sr[start : start + expected, start : start + expected])
    assert view.n == expected // patch_size <= MOST


def test_all_positive_leaves_no_loss_and_no_gradient() -> None:
    view = compute_contrast(*crops(), replace(SETTINGS, eta=-60.0))
    row = compute_row(view, 0, 0)
    assert view.share == 1 and row.positives.all() and row.q_neg == 0 and row.loss == 0
    assert view.loss == 0 and not view.by_patch.any()
    assert compute_slope(view, *PRINTED, OUTSIDE).norm == 0


def test_alpha_and_eta_are_one_knob() -> None:
    sr, hr = crops()
    view = compute_contrast(sr, hr, SETTINGS)
    assert view.eta_at_alpha_one == pytest.approx(view.eta + 40 * math.log10(1.5))
    for alpha in (0.25, 1.0, 4.0):
        eta, loss = loss_with_alpha(view, alpha)
        assert eta == pytest.approx(view.eta - 40 * math.log10(alpha / 1.5))
        assert loss == pytest.approx(view.loss, abs=5e-5)
        other = compute_contrast(sr, hr, replace(SETTINGS, alpha=alpha, eta=eta))
        assert other.share == pytest.approx(view.share, abs=1e-9)
    alone = compute_contrast(sr, hr, replace(SETTINGS, alpha=1.0, eta=view.eta))
    assert abs(alone.loss - view.loss) > 0.1


def test_temperatures_outside_change_the_loss_by_a_constant_and_no_gradient_inside_they_do() -> None:
    view = compute_contrast(*crops(), replace(SETTINGS, t_pos=0.1, t_neg=0.3))
    slopes = compute_slopes(view)
    assert list(slopes) == [(OUTSIDE, *PRINTED), (OUTSIDE, 0.1, 0.3), (INSIDE, *PRINTED), (INSIDE, 0.1, 0.3)]
    printed, other, inside, colder = slopes.values()
    assert other.loss - printed.loss == pytest.approx(0, abs=1e-5)  # log(0.1 / 0.3) = log(0.5 / 1.5)
    third = compute_slope(view, 2.0, 0.5, OUTSIDE)
    assert third.loss - printed.loss == pytest.approx(math.log(4) - math.log(1 / 3), abs=1e-5)
    assert np.array_equal(third.gradient, printed.gradient) and printed.norm > 0
    assert not np.allclose(inside.gradient, printed.gradient, rtol=0.1)
    assert not np.allclose(inside.gradient, colder.gradient, rtol=0.1)
    assert len(compute_slopes(compute_contrast(*crops(), SETTINGS))) == 2


def test_the_mini_patch_with_the_most_positives_is_found_and_a_row_or_column_that_is_given_is_kept() -> None:
    sr, hr = crops()
    view = compute_contrast(sr, hr, SETTINGS)
    counts = np.array([[compute_row(view, row, column).positives.sum() for column in range(8)] for row in range(8)])
    assert np.array_equal(view.positives, counts) and counts.min() >= 1 and counts.max() > counts.min()
    assert counts[most_positives(view)] == counts.max()
    assert most_positives(view, 3) == (3, counts[3].argmax()) and most_positives(view, None, 5)[1] == 5
    assert counts[most_positives(view, None, 5)] == counts[:, 5].max()
    assert most_positives(view, 7, 0) == (7, 0)
    same = replace(view, positives=np.ones((8, 8), int))
    assert most_positives(same) == (0, 0)
