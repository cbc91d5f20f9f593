"""Curves of PSNR against LPIPS whose difference at equal PSNR is known."""

import numpy as np
import pytest

from decloss.evaluation.equal_psnr import (
    BELOW,
    Point,
    compare_along,
    compare_sharpened,
    lpips_at,
    mean_of,
    sharpened,
)

IMAGES = np.arange(6.0)
"""Images that lie apart by a decibel and by 0.02 in LPIPS: far more than the curves do."""


def curve(*points: tuple[float, float]) -> list[Point]:
    """Points of these mean PSNRs and mean LPIPS."""
    apart = IMAGES - IMAGES.mean()
    return [Point(list(psnr_y + apart), list(lpips + 0.02 * apart)) for psnr_y, lpips in points]


STRAIGHT = curve((28.0, 0.40), (27.0, 0.30), (26.0, 0.20))
"""0.1 of LPIPS for each decibel."""


def test_lpips_is_interpolated_image_by_image_on_the_falling_part_alone() -> None:
    rising_first = curve((27.9, 0.5), (28.0, 0.40), (27.0, 0.30))
    for level, expected in ((28.0, 0.40), (27.25, 0.325), (27.0, 0.30)):
        found = lpips_at(rising_first, level)
        assert found == pytest.approx(expected + 0.02 * (IMAGES - IMAGES.mean()))
    assert lpips_at(rising_first, 28.01) is None and lpips_at(rising_first, 26.99) is None
    assert lpips_at(rising_first, 27.95) == pytest.approx(np.array(lpips_at(STRAIGHT, 27.95)))  # not on the way up


def test_along_two_curves_the_difference_is_the_one_that_separates_them() -> None:
    lower = curve((27.8, 0.35), (26.8, 0.25), (26.5, 0.22))  # 0.03 below the straight one wherever both are
    found = compare_along(lower, STRAIGHT)
    assert found is not None
    assert (found.lowest, found.highest) == pytest.approx((26.5, 27.8 - BELOW))
    difference = found.difference
    assert [difference.mean, difference.low, difference.high] == pytest.approx([-0.03] * 3) and difference.shown
    other_way = compare_along(STRAIGHT, lower)
    assert other_way is not None and other_way.difference.mean == pytest.approx(0.03)


def test_a_curve_that_is_the_other_one_further_on_differs_by_nothing() -> None:
    found = compare_along(curve((27.7, 0.37), (26.2, 0.22)), STRAIGHT)
    assert found is not None and found.by_image == pytest.approx([0.0] * len(IMAGES), abs=1e-12)


def test_no_one_weight_decides_where_curves_cross() -> None:
    """A curve that is better at one end and as much worse at the other is undecided: its mean over levels is 0."""
    crossing = curve((28.0 - BELOW, 0.39 - 0.04), (26.0, 0.20 + 0.04))
    found = compare_along(crossing, STRAIGHT)
    assert found is not None
    by_hand = [
        np.subtract(lpips_at(crossing, level), lpips_at(STRAIGHT, level))
        for level in np.linspace(28.0 - 2 * BELOW, 26.0, 9)
    ]
    assert found.by_image == pytest.approx(np.mean(by_hand, axis=0)) and abs(found.difference.mean) < 0.003


def test_curves_that_share_no_psnr_are_not_compared() -> None:
    assert compare_along(curve((25.0, 0.1), (24.0, 0.1)), STRAIGHT) is None
    assert compare_along(curve((28.0, 0.4), (27.95, 0.3)), STRAIGHT) is None  # it ends within BELOW of the top
    assert compare_along(curve((27.0, 0.3)), STRAIGHT) is None and compare_along([], STRAIGHT) is None
    assert compare_sharpened(curve((25.0, 0.1), (24.0, 0.1)), STRAIGHT) is None


def twins(start: float, lpips: float) -> dict[str, dict[str, list[float]]]:
    """One network; each unit of sharpening costs 0.4 dB and lowers LPIPS by 0.05."""
    points = {
        amount: curve((start - 0.4 * float(amount), lpips - 0.05 * float(amount)))[0] for amount in ("10", "0", "2")
    }
    return {amount: {"psnr_y": list(point.psnr_y), "lpips": list(point.lpips)} for amount, point in points.items()}


def test_a_network_that_only_sharpens_is_no_better_at_equal_psnr() -> None:
    plain = sharpened(twins(28.0, 0.3))
    assert [point.level for point in plain] == pytest.approx([28.0, 27.2, 24.0])  # amounts rise as numbers
    for gain in (0.0, 0.02):
        found = compare_sharpened(sharpened(twins(28.0 - 0.2, 0.3 - 0.025 - gain)), plain)
        assert found is not None and found.lowest == found.highest == pytest.approx(27.8 - BELOW)
        difference = found.difference
        assert [difference.mean, difference.low, difference.high] == pytest.approx([-gain] * 3, abs=1e-9)


def test_the_mean_of_comparisons_is_one_image_by_image() -> None:
    plain = sharpened(twins(28.0, 0.3))
    both = [compare_sharpened(sharpened(twins(start, 0.25)), plain) for start in (28.0, 27.6)]
    found = mean_of([comparison for comparison in both if comparison])
    assert found is not None and (found.lowest, found.highest) == pytest.approx((27.5, 27.9))
    assert found.difference.mean == pytest.approx((-0.05 + 0.0) / 2) and mean_of([]) is None


def test_fewer_than_five_images_are_undecided() -> None:
    few = [[Point(point.psnr_y[:4], point.lpips[:4]) for point in c] for c in (curve((27.8, 0.1), (26, 0.1)), STRAIGHT)]
    found = compare_along(*few)
    assert found is not None and found.difference.mean < -0.1 and found.difference.shown is None
