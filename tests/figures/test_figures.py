import re

import numpy as np
import pytest
from conftest import sample_photo

from decloss.figures.difference import mean_difference
from decloss.figures.power import power_plot
from decloss.figures.regions import Region, detail_variance, enlarge, outline, region_at, repeat, window_of_difference
from decloss.figures.spectrum import radial_power, spectrum, spectrum_picture


def wave(height: int, width: int, cycles_y: float, cycles_x: float) -> np.ndarray:
    """A grey wave of the given cycles per pixel, (H, W, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    grey = 127.5 + 100 * np.cos(2 * np.pi * (cycles_y * y + cycles_x * x))
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def test_equal_pictures_differ_nowhere() -> None:
    photo = sample_photo(20, 30)
    assert mean_difference(photo, photo).max() == 0


def test_differences_are_symmetric_and_exact() -> None:
    first = np.full((4, 5, 3), 100, np.uint8)
    second = first.copy()
    second[1, 2] = (100, 130, 70)
    assert mean_difference(first, second)[1, 2] == pytest.approx(60 / 3 / 255)
    assert np.array_equal(mean_difference(first, second), mean_difference(second, first))
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


def test_the_power_plot_is_relative_to_hr_when_there_is_one() -> None:
    photo = sample_photo(48, 64)
    curve = radial_power(photo)
    alone, against = power_plot({"bicubic": curve}), power_plot({"bicubic": curve, "HR": curve})
    assert "the original = 0" in against and "the original = 0" not in alone
    bicubic, hr = re.findall(r'<path(?: class="ink-line")? d="(M[^"]+)"', against)
    assert bicubic == hr and len({point.split()[1] for point in hr[1:].split("L")}) == 1  # both are at 0 dB


def test_the_power_plot_takes_an_original_of_one_colour() -> None:
    flat = np.full((48, 64, 3), 255, np.uint8)
    other = flat.copy()
    other[5, 5] = 0
    assert "nan" not in power_plot({"bicubic": radial_power(other), "HR": radial_power(flat)})


def test_the_power_plot_escapes_names_and_takes_the_pages_colours() -> None:
    plot = power_plot({"<i>": radial_power(sample_photo(40, 40))})
    assert "<i>" not in plot and "&lt;i&gt;" in plot and "--ink-dark" in plot and "fill=" not in plot


def test_the_window_of_difference_is_the_one_that_loops_find() -> None:
    pictures = [sample_photo(21, 26, seed=seed) for seed in range(3)]
    side, best = 8, (-1.0, 0, 0)
    for top in range(21 - side + 1):
        for left in range(26 - side + 1):
            total = 0.0
            for y in range(top, top + side - 1):
                for x in range(left, left + side - 1):
                    for dy, dx in ((1, 0), (0, 1)):
                        steps = [p[y + dy, x + dx].mean() / 255 - p[y, x].mean() / 255 for p in pictures]
                        total += np.var(steps)
            if total > best[0] + 1e-9:
                best = (total, top, left)
    assert window_of_difference(pictures, side) == Region(best[2], best[1], side, side)


def test_a_darker_picture_differs_nowhere_in_its_detail_and_a_small_one_is_its_own_window() -> None:
    photo = sample_photo(40, 48) // 2 + 20
    assert detail_variance([photo, photo + 9]).max() < 1e-12
    changed = photo.copy()
    changed[30:34, 5:9] = 255 - changed[30:34, 5:9]
    window = window_of_difference([photo, changed], 16)
    assert window.top <= 29 and window.top + 16 >= 34 and window.left <= 5 and window.left + 16 >= 9
    assert window_of_difference([photo, changed], 256) == Region(0, 0, 48, 40)
