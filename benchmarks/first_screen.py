"""Which example, and which place on it, shows the difference that DECLoss makes best: what the first screen opens with.

    python -m benchmarks.first_screen            # about ten seconds

For each example photo: the window of the size that visitors first see enlarged in which what ``edsr-l1`` and
``edsr-l1-dec`` make of it differs most, as the mean absolute difference of the pixels; the largest comes first. The
order of ``decloss.files.examples`` and its ``FIRST_PLACE`` are taken from this, and a test runs it again.
"""

from pathlib import Path

from decloss.files.examples import FIRST_WINDOW, example_photos
from decloss.files.images import decode_photo
from decloss.inference.upscaling import upscale
from decloss.pixels import to_pixels, to_tensor
from decloss.views.comparison import prepare_task
from decloss.views.differing import most_different
from decloss.views.example_results import WHOLE
from decloss.zoo.registry import load_checkpoint

PAIR = ("edsr-l1", "edsr-l1-dec")


def ranked() -> list[tuple[str, float, float, float]]:
    """The examples' names, x and y in per cent rounded to the sliders' steps, and the difference; the largest first."""
    networks = [load_checkpoint(name) for name in PAIR]
    found = []
    for path in (Path(path) for path, _ in example_photos()):
        lr = to_tensor(prepare_task(decode_photo(path).pixels, WHOLE, is_original=True).lr)
        first, second = (to_pixels(upscale(network, lr)) for network in networks)
        x, y, difference = most_different(first, second, *FIRST_WINDOW)
        found.append((path.name, round(200 * x) / 2, round(200 * y) / 2, difference))
    return sorted(found, key=lambda row: -row[-1])


def main() -> None:
    for name, x, y, difference in ranked():
        print(f"{name:16} {x:5.1f} % from the left, {y:5.1f} % from the top: {255 * difference:.2f} of 255 levels")


if __name__ == "__main__":
    main()
