import numpy as np
from matplotlib import colormaps

from decloss.figures.contrast import MISSING, grid_picture, ramp, signed_scale


def test_a_grid_has_the_colours_of_its_map_grey_for_nothing_and_the_last_colour_for_infinity() -> None:
    values = np.array([[0.0, 1.0], [np.nan, np.inf]], np.float32)
    first, last = (colormaps["viridis"](end, bytes=True)[:3] for end in (0.0, 1.0))
    picture = grid_picture(values, 0, 1, "viridis")
    assert picture.tolist() == [[[*first], [*last]], [[*MISSING], [*last]]]
    assert ramp("viridis")[0] == "rgb({} {} {})".format(*first) and ramp("viridis")[-1] == "rgb({} {} {})".format(*last)
    assert grid_picture(np.zeros((2, 2), np.float32), 0, 0, "viridis").shape == (2, 2, 3)  # nothing to divide by


def test_the_scale_of_a_gradient_leaves_out_the_largest_hundredth() -> None:
    values = np.concatenate([np.linspace(-1, 1, 1000), [500.0, -500.0]]).astype(np.float32)
    assert 0.97 < signed_scale(values) < 1.0
    assert signed_scale(np.zeros((3, 3), np.float32)) == 0
