import numpy as np
import pytest
from conftest import sample_photo

from decloss.figures.difference import FULL_SCALE, difference_map, mean_difference
from decloss.figures.regions import Region, enlarge, outline, region_at, repeat
from decloss.figures.spectrum import figure_pixels, power_figure, radial_power, spectrum, spectrum_picture


def wave(height: int, width: int, cycles_y: float, cycles_x: float) -> np.ndarray:
    """A grey wave of the given cycles per pixel, (H, W, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    grey = 127.5 + 100 * np.cos(2 * np.pi * (cycles_y * y + cycles_x * x))
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def test_equal_pictures_differ_nowhere() -> None:
    photo = sample_photo(20, 30)
    assert mean_difference(photo, photo).max() == 0
    assert np.unique(difference_map(photo, photo).reshape(-1, 3), axis=0).tolist() == [[0, 0, 3]]  # inferno's black


def test_differences_are_symmetric_exact_and_reach_the_end_of_the_scale() -> None:
    first = np.full((4, 5, 3), 100, np.uint8)
    second = first.copy()
    second[1, 2] = (100, 130, 70)
    assert mean_difference(first, second)[1, 2] == pytest.approx(60 / 3 / 255)
    assert np.array_equal(difference_map(first, second), difference_map(second, first))
    second[1, 2] = 100 + round(FULL_SCALE * 255)
    assert difference_map(first, second)[1, 2].tolist() == [252, 254, 164]  # inferno's pale end
    with pytest.raises(ValueError, match=r"\(4, 5, 3\)"):
        mean_difference(first, second[:2])


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(0.5, 0.5, Region(40, 20, 20, 20)), (0, 0, Region(0, 0, 20, 20)), (1, 1, Region(80, 40, 20, 20))],
)
def test_a_region_stays_inside(x: float, y: float, expected: Region) -> None:
    assert region_at((60, 100, 3), x, y, 20) == expected


def test_a_region_larger_than_the_picture_is_the_picture() -> None:
    assert region_at((10, 30, 3), 0.9, 0.1, 64) == Region(0, 0, 30, 10)


def test_enlarging_repeats_pixels_exactly() -> None:
    photo = sample_photo(64, 64)
    large = enlarge(photo, Region(8, 4, 32, 32))
    factor = large.shape[0] // 32
    assert factor > 1 and np.array_equal(large[::factor, ::factor], photo[4:36, 8:40])
    assert np.array_equal(large[1::factor, 2::factor], photo[4:36, 8:40])
    assert repeat(photo, 4).shape == (256, 256, 3)


def test_a_frame_surrounds_its_region_and_leaves_it_untouched() -> None:
    photo = sample_photo(40, 40)
    region = Region(10, 12, 8, 8)
    framed = outline(photo, region)
    assert np.array_equal(framed[12:20, 10:18], photo[12:20, 10:18])
    assert (framed[11, 10:18] == 255).all() and (framed[10, 10:18] == 0).all()
    assert np.array_equal(framed[:8], photo[:8])
    outline(photo, Region(0, 0, 40, 40))


@pytest.mark.parametrize(("cycles_y", "cycles_x"), [(0.25, 0.0), (0.0, 0.125), (0.125, 0.25)])
def test_a_wave_shows_at_its_frequency(cycles_y: float, cycles_x: float) -> None:
    height, width = 64, 96
    magnitude = spectrum(wave(height, width, cycles_y, cycles_x))
    row, column = np.unravel_index(magnitude.argmax(), magnitude.shape)
    assert abs(row - height // 2) == round(cycles_y * height)
    assert abs(column - width // 2) == round(cycles_x * width)
    frequency, power = radial_power(wave(height, width, cycles_y, cycles_x))
    assert frequency[power.argmax()] == pytest.approx(np.hypot(cycles_y, cycles_x), abs=0.01)


def test_the_spectrum_picture_has_the_size_of_the_picture_and_a_common_scale() -> None:
    strong, weak = wave(32, 32, 0.25, 0), (wave(32, 32, 0.25, 0) // 4).astype(np.uint8)
    assert spectrum_picture(strong).shape == (32, 32, 3)
    assert spectrum_picture(strong)[8, 16].astype(int).sum() > spectrum_picture(weak)[8, 16].astype(int).sum()


def test_the_power_figure_is_relative_to_hr_when_there_is_one() -> None:
    photo = sample_photo(64, 64)
    figure = power_figure({"bicubic": radial_power(photo), "HR": radial_power(photo)})
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert np.abs(lines["bicubic"]).max() == pytest.approx(0, abs=1e-9)
    assert power_figure({"bicubic": radial_power(photo)}).axes[0].get_ylabel() == "power (dB)"
    assert figure_pixels(figure).ndim == 3
