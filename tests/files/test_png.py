"""PNG files that are written row by row; Pillow reads them."""

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decloss.files.png import PngWriter


@pytest.mark.parametrize(("height", "width", "step"), [(1, 1, 1), (7, 5, 2), (64, 90, 64), (40, 3000, 7)])
def test_pillow_reads_the_same_pixels(height: int, width: int, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decloss.files.png.STRIP", 20_000)  # several strips in the larger ones
    rng = np.random.default_rng(0)
    smooth = np.cumsum(rng.integers(0, 3, (height, width, 3)), axis=1)
    for pixels in (rng.integers(0, 256, (height, width, 3)).astype(np.uint8), smooth.astype(np.uint8)):
        file = io.BytesIO()
        png = PngWriter(file, height, width, [(b"pHYs", bytes.fromhex("00002e23 00002e23 01"))])
        for top in range(0, height, step):
            png.write(pixels[top : top + step])
        png.close()
        with Image.open(file) as image:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
            assert image.mode == "RGB" and np.array_equal(np.asarray(image), pixels)


def test_neither_the_pixels_nor_the_file_are_held(tmp_path: Path) -> None:
    row = np.random.default_rng(0).integers(0, 256, (16, 4000, 3)).astype(np.uint8)
    tracemalloc.start()
    with (tmp_path / "large.png").open("wb") as file:
        png = PngWriter(file, 1600, 4000)  # 19 MB
        for _ in range(100):
            png.write(row)
        png.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6 and (tmp_path / "large.png").stat().st_size > 15e6
