"""The crop that all tabs look at, and what networks make of it."""

import numpy as np
import pytest
import torch
from conftest import sample_photo

from decloss.files.images import ImageError
from decloss.inference.upscaling import upscale
from decloss.models import EDSR, Bicubic, make_lr
from decloss.pixels import to_pixels, to_tensor
from decloss.views.scene import SIDE, cut_scene


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0.37, 0.61), (1, 1)])
def test_the_crop_lies_around_the_place_inside_the_photo_and_on_the_grid_of_lr_pixels(x: float, y: float) -> None:
    rows, columns = np.mgrid[0:403, 0:517]
    colours = (rows % 256, columns % 256, rows // 256 + 2 * (columns // 256))  # no two pixels are alike
    photo = np.stack(colours, axis=-1).astype(np.uint8)
    scene = cut_scene(photo, x, y)
    assert scene.hr.shape == (SIDE, SIDE, 3) and scene.side == SIDE
    assert scene.top % 4 == scene.left % 4 == 0 and scene.around.shape[0] % 4 == scene.around.shape[1] % 4 == 0
    inside = scene.around[scene.top : scene.top + SIDE, scene.left : scene.left + SIDE]
    assert np.array_equal(inside, scene.hr)
    top, left = np.argwhere((photo == scene.hr[0, 0]).all(axis=2))[0]
    assert np.array_equal(scene.hr, photo[top : top + SIDE, left : left + SIDE])
    for start, length, centre in ((top, 403, y), (left, 517, x)):
        wanted = min(max(0, centre * length - SIDE / 2), length - SIDE)
        assert abs(start - wanted) <= 4 and start % 4 == 0


def test_a_scene_does_not_keep_the_photo_that_it_was_cut_from() -> None:
    for height, width in ((1000, 1000), (1000, 192), (1000, 320)):  # strips of whole rows need no copy to lie together
        scene = cut_scene(sample_photo(height, width), 0.5, 0.5)
        assert scene.hr.base is None and scene.around.base is None


def test_small_photos_give_the_largest_multiple_of_sixteen_and_smaller_ones_a_sentence() -> None:
    assert cut_scene(sample_photo(90, 300), 0.5, 0.5).hr.shape == (80, 80, 3)
    assert cut_scene(sample_photo(64, 64), 0.9, 0.1).hr.shape == (64, 64, 3)
    with pytest.raises(ImageError, match="63 x 70"):
        cut_scene(sample_photo(70, 63), 0.5, 0.5)


def test_sr_is_the_crop_of_what_the_network_makes_of_the_surroundings() -> None:
    scene = cut_scene(sample_photo(400, 400), 0.5, 0.5)
    model = EDSR(8, 1).eval()
    whole = to_pixels(upscale(model, make_lr(to_tensor(scene.around))))
    expected = whole[scene.top : scene.top + SIDE, scene.left : scene.left + SIDE]
    assert np.array_equal(scene.sr("tiny", lambda name: model), expected)


def test_a_network_runs_once_for_each_scene() -> None:
    asked: list[str] = []

    def load(name: str) -> torch.nn.Module:
        asked.append(name)
        return Bicubic().eval()

    scene = cut_scene(sample_photo(256, 256), 0.5, 0.5)
    assert scene.sr("bicubic", load) is scene.sr("bicubic", load)
    cut_scene(sample_photo(256, 256), 0.5, 0.5).sr("bicubic", load)
    assert asked == ["bicubic", "bicubic"]
