"""Photos in a device's memory: the same crops as from files."""

from pathlib import Path

import pytest
import torch

from decloss.data.crops import draw_crops, read_crops
from decloss.data.pairs import PhotoPairs, load_photo_pairs
from decloss.data.resident import ResidentPairs, fit_on


@pytest.fixture
def pairs(photo_folder: Path, tmp_path: Path) -> PhotoPairs:
    return load_photo_pairs(photo_folder, tmp_path)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("side", [1, 12, 24])
def test_crops_that_are_cut_on_a_device_are_those_from_files(device: str, side: int, pairs: PhotoPairs) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    resident = ResidentPairs(pairs, torch.device(device))
    seen = set()
    for step in range(16):
        crops = draw_crops(pairs, step, 16, side, seed=1)
        seen |= {(crop.photo, crop.flipped, crop.turns) for crop in crops}
        for cut, read in zip(
            resident.read(resident.places(crops, side), side), read_crops(pairs, crops, side), strict=True
        ):
            assert torch.equal(cut.cpu(), read) and cut.dtype == torch.uint8
            assert cut.is_contiguous(memory_format=torch.channels_last)
    assert len(seen) == 4 * 8  # of each photo, in all eight ways


def test_photos_lie_apart_in_memory_or_together_with_the_same_result(pairs: PhotoPairs) -> None:
    apart = PhotoPairs([photo.copy() for photo in pairs.hr], [photo.copy() for photo in pairs.lr], "", pairs.names)
    crops = draw_crops(pairs, 0, 8, 12, seed=0)
    resident = ResidentPairs(apart, torch.device("cpu"))
    for cut, read in zip(resident.read(resident.places(crops, 12), 12), read_crops(pairs, crops, 12), strict=True):
        assert torch.equal(cut, read)


def test_on_the_cpu_photos_stay_in_their_files_and_on_a_gpu_they_leave_room(
    pairs: PhotoPairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(photo.size for photo in (*pairs.hr, *pairs.lr))
    assert not fit_on(torch.device("cpu"), pairs)
    for free, fits in ((4 * size, True), (4 * size - 1, False)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, 10 * free))
        assert fit_on(torch.device("cuda"), pairs) is fits
