import re

import numpy as np
import pytest
from matplotlib import colormaps

from decloss.figures.heat import from_grey, heat_filter, level_colours, scale_gradient, to_grey


def test_grey_levels_keep_small_values_apart_and_are_read_back() -> None:
    values = np.linspace(0, 1.2, 5001, dtype=np.float32).reshape(1, -1)
    back = from_grey(to_grey(values))
    assert np.abs(back - np.clip(values, 0, 1)).max() <= 0.004
    small = values[values < 0.01]
    assert np.abs(back[values < 0.01] - small).max() <= 0.0005
    assert to_grey(values).dtype == np.uint8


@pytest.mark.parametrize("gain", [1.0, 4.0, 1 / 0.14])
def test_the_filter_gives_a_value_the_colour_that_the_scale_has_for_it(gain: float) -> None:
    for value in (0.0, 0.02, 0.2, 1.0):
        level = to_grey(np.array([[value]], np.float32))[0, 0]
        expected = colormaps["inferno"](min(1.0, from_grey(level) * gain))[:3]
        assert level_colours(gain)[level] == pytest.approx(expected)
    tables = re.findall(r'tableValues="([^"]+)"', heat_filter("some", gain))
    assert len(tables) == 3 and all(len(table.split()) == 256 for table in tables)
    assert np.allclose(np.array([table.split() for table in tables], float).T, level_colours(gain), atol=6e-4)


def test_the_scale_goes_from_black_to_pale_yellow() -> None:
    assert scale_gradient().startswith("linear-gradient(90deg, #000003") and scale_gradient().endswith("#fcfea4)")
