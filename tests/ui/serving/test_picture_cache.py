"""Pictures in Gradio's cache are whole at any moment."""

import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import sample_photo
from gradio import processing_utils

from decloss.ui.serving.picture_cache import save_whole, write_pictures_whole


def test_a_picture_that_is_saved_again_is_never_half_for_who_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing_utils, "save_pil_to_cache", None)
    write_pictures_whole()
    assert processing_utils.save_pil_to_cache is save_whole

    pixels = sample_photo(300, 300)

    def save() -> str:
        return processing_utils.save_img_array_to_cache(np.array(pixels), str(tmp_path), format="png")

    path = Path(save())
    whole, ended = path.read_bytes(), threading.Event()

    def save_again() -> None:
        for _ in range(40):
            save()
        ended.set()

    writers = [threading.Thread(target=save_again) for _ in range(2)]
    for writer in writers:
        writer.start()
    while not ended.is_set():
        assert path.read_bytes() == whole
    for writer in writers:
        writer.join()
    assert list(tmp_path.rglob("*.*")) == [path]  # and nothing else stays
