import itertools
import math
import random
import re

import pytest

from decloss.figures.axes import Axis, round_ticks
from decloss.figures.labels import MARK, Box, place_labels
from decloss.figures.tradeoff import HEIGHT, WIDTH, Point, label_size, perception_distortion
from decloss.ui.parts.names import plain_name
from decloss.zoo.registry import BICUBIC, TABLE_1_NAMES

NAMES = [BICUBIC, *TABLE_1_NAMES, "mine-1", "mine-2", "mine-3", "mine-4", "mine-5"]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("crowd", [1.0, 0.25])
def test_labels_cover_neither_each_other_nor_a_point(seed: int, crowd: float) -> None:
    rng = random.Random(seed)
    frame = Box(72, 16, WIDTH - 88, HEIGHT - 72)
    points = [
        (80 + 500 * (0.4 + crowd * (rng.random() - 0.4)), 30 + 370 * (0.4 + crowd * (rng.random() - 0.4)))
        for _ in NAMES
    ]
    boxes = place_labels(points, [label_size(plain_name(name)) for name in NAMES], frame)
    assert all(box is not None and box.inside(frame) for box in boxes)
    assert not any(a.covers(b) for a, b in itertools.combinations([box for box in boxes if box], 2))
    marks = [Box(x - MARK, y - MARK, 2 * MARK, 2 * MARK) for x, y in points]
    assert not any(box.covers(mark) for box in boxes if box for mark in marks)


def test_better_scores_stand_further_right_and_further_down_and_each_point_is_a_button() -> None:
    points = [Point("a", "A", 25, 0.4), Point("b<", "B <b>", 28, 0.2)]
    svg = perception_distortion(points)
    places = [tuple(map(float, place)) for place in re.findall(r'class="room" cx="([^"]+)" cy="([^"]+)"', svg)]
    assert places[1][0] > places[0][0] and places[1][1] > places[0][1]
    assert svg.count('role="button" tabindex="0"') == 2 and 'data-name="b&lt;"' in svg and "<b>" not in svg
    assert "PSNR on luma, dB" in svg and "LPIPS" in svg
    assert 'aria-label="A: 25.00 dB, LPIPS 0.400. Show at the right."' in svg


def test_one_point_and_equal_points_can_be_drawn() -> None:
    for count in (1, 3):
        svg = perception_distortion([Point(str(number), "same", 30.0, 0.25) for number in range(count)])
        assert svg.count('class="ink point"') == count and "nan" not in svg


@pytest.mark.parametrize(("low", "high"), [(24.8, 32.1), (0.16, 0.42), (-43.0, 5.0), (0, 0.5)])
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    ticks = round_ticks(low, high)
    assert 2 <= len(ticks) <= 6 and low <= ticks[0] and ticks[-1] <= high
    step = ticks[1] - ticks[0]
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)
    assert Axis(low, high, 0, 10).at(high) == 10
