import numpy as np
import pytest
from conftest import sample_photo
from matplotlib import colormaps

from decloss.figures.contrast import (
    LEAST_SIDE,
    MISSING,
    NEGATIVE_LIGHT,
    POSITIVE,
    TINT,
    cell_side,
    grid_picture,
    mini_patch_picture,
    ramp,
    signed_scale,
)


@pytest.mark.parametrize(("side", "n"), [(48, 48), (96, 48), (192, 48), (190, 38), (192, 24), (182, 14), (64, 4)])
def test_the_picture_is_never_smaller_than_it_is_shown_and_its_cells_are_where_clicks_are_looked_up(
    side: int, n: int
) -> None:
    positives = np.zeros((n, n), bool)
    positives[1, 2] = True
    picture = mini_patch_picture(np.full((side, side, 3), 200, np.uint8), positives, 0, 0)
    cell = cell_side(side, n)
    assert picture.shape == (cell * n, cell * n, 3) and cell * n >= LEAST_SIDE
    orange = np.argwhere((picture == POSITIVE).all(axis=2))
    assert orange.min(axis=0).tolist() == [cell, 2 * cell]
    assert orange.max(axis=0).tolist() == [2 * cell - 1, 3 * cell - 1]


def test_positives_are_tinted_negatives_grey_and_dim_and_the_chosen_one_is_itself_in_a_frame() -> None:
    photo = sample_photo(64, 64)
    positives = np.zeros((4, 4), bool)
    positives[0, 3] = positives[2, 1] = True
    picture = mini_patch_picture(photo, positives, 2, 1)
    factor = len(picture) // 64

    def at(y: int, x: int) -> np.ndarray:
        return picture[y * factor + factor // 2, x * factor + factor // 2].astype(int)

    luma = photo[8, 8] @ [0.299, 0.587, 0.114]
    assert np.allclose(at(8, 8), NEGATIVE_LIGHT * luma, atol=1.01)
    assert np.allclose(at(8, 56), (1 - TINT) * photo[8, 56] + TINT * np.asarray(POSITIVE), atol=1.01)
    assert at(40, 24).tolist() == photo[40, 24].tolist()
    corner = len(picture) // 4 * np.array([2, 1])
    assert picture[corner[0] - 1, corner[1] + 20].tolist() == [255, 255, 255]
    assert picture[corner[0] - 2, corner[1] + 20].tolist() == [0, 0, 0]


def test_positives_side_by_side_have_one_border() -> None:
    positives = np.zeros((4, 4), bool)
    positives[1, 1] = positives[1, 2] = True
    picture = mini_patch_picture(np.zeros((64, 64, 3), np.uint8), positives, 3, 3)
    cell = cell_side(64, 4)
    orange = (picture == POSITIVE).all(axis=2)
    assert orange[cell + 20, cell] and orange[cell + 20, 3 * cell - 1]
    assert not orange[cell + 20, 2 * cell - 1] and not orange[cell + 20, 2 * cell]


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
