import re

import pytest

from decloss.figures.curves import POINTS, curve_plot, significant, thin_out


def path(svg: str) -> list[tuple[float, float]]:
    found = re.search(r'class="curve" d="M([^"]+)"', svg)
    assert found
    return [tuple(map(float, point.split())) for point in found[1].split("L")]


def test_a_long_curve_becomes_means_of_neighbours_and_a_short_one_stays() -> None:
    short = [(1.0, 5.0), (2.0, 3.0)]
    assert thin_out(short) == short and thin_out([]) == []
    assert thin_out([(float(i), i % 4) for i in range(8)], most=2) == [(1.5, 1.5), (5.5, 1.5)]
    long = [(float(i), float(i)) for i in range(2000)]
    thin = thin_out(long)
    assert len(thin) <= POINTS and thin[0] == (6.5, 6.5) and thin == sorted(thin)


def test_higher_values_stand_higher_and_the_last_step_at_the_right_edge() -> None:
    points = path(curve_plot([(0, 1.0), (50, 3.0), (100, 2.0)], 100, "a curve"))
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x1 - x0 == pytest.approx(x2 - x1) and y1 < y2 < y0
    half = path(curve_plot([(0, 1.0), (50, 3.0)], 100, "a curve"))
    assert half[1][0] == pytest.approx(x1)


def test_an_even_curve_an_empty_one_and_one_point_can_be_drawn() -> None:
    assert '<path class="curve"' not in curve_plot([], 10, "nothing yet")
    assert path(curve_plot([(1, 0.5)], 10, "one"))
    even = path(curve_plot([(1, 0.5), (2, 0.5)], 10, "even"))
    assert even[0][1] == even[1][1]


def test_the_description_is_escaped() -> None:
    assert 'aria-label="&lt;i&gt; &amp; more"' in curve_plot([(1, 1.0)], 1, "<i> & more")


def test_numbers_have_four_digits_whatever_their_size() -> None:
    written = {0: "0", 29.8913: "29.89", 0.00123456: "0.001235", -3.2: "−3.200", 3e-7: "3.00e-07", 12345.6: "12346"}
    assert {value: significant(value) for value in written} == written
