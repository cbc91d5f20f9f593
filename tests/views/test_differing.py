"""Where two pictures differ most, and that the first screen opens there."""

import numpy as np
from conftest import sample_photo

from benchmarks.first_screen import ranked
from decloss.files.examples import FIRST_PLACE, example_photos
from decloss.views.differing import most_different


def test_it_is_the_window_with_the_largest_mean_difference() -> None:
    first, second = sample_photo(40, 50, seed=1), sample_photo(40, 50, seed=2)
    height, width = 12, 18
    found = {}
    for top in range(40 - height + 1):
        for left in range(50 - width + 1):
            a, b = (each[top : top + height, left : left + width].astype(float) for each in (first, second))
            found[top, left] = np.abs(a - b).mean() / 255
    top, left = max(found, key=lambda place: found[place])
    x, y, difference = most_different(first, second, height, width)
    assert (x, y) == ((left + width / 2) / 50, (top + height / 2) / 40)
    assert abs(difference - found[top, left]) < 1e-6
    assert most_different(first, second, 100, 100)[:2] == (0.5, 0.5)


def test_the_first_screen_opens_where_the_script_finds_the_largest_difference() -> None:
    name, x, y, _ = ranked()[0]
    assert example_photos()[0][0].endswith(name)
    assert abs(x - FIRST_PLACE[0]) <= 1 and abs(y - FIRST_PLACE[1]) <= 1
