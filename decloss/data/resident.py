"""Photos that lie in the memory of a GPU as a whole: crops are cut there, the same as on the CPU, bit for bit."""

import numpy as np
import torch
from torch import Tensor

from decloss.data.crops import Crop
from decloss.data.pairs import PhotoPairs
from decloss.files.images import RGBArray
from decloss.pixels import SCALE

SHARE = 4
"""Photos may take a quarter of what is free on a GPU: networks are trained there, too, perhaps several at once."""


def fit_on(device: torch.device, pairs: PhotoPairs) -> bool:
    """Return whether the decoded photos may lie on ``device`` as a whole; on the CPU they stay in their files."""
    if device.type != "cuda":
        return False
    size = sum(photo.size for photo in (*pairs.lr, *pairs.hr))
    return size <= torch.cuda.mem_get_info(device)[0] // SHARE


class ResidentPairs:
    """LR and HR photos on a device: all bytes of each, one photo after the other.

    However a crop is flipped and turned, its bytes lie at equal distances: numpy says where they begin and how far rows
    and columns are apart, and the device gathers them.
    """

    def __init__(self, pairs: PhotoPairs, device: torch.device) -> None:
        self.device = device
        # As plain arrays: to slice one that is mapped from a file takes twice as long.
        self._photos = [[photo.view(np.ndarray) for photo in photos] for photos in (pairs.lr, pairs.hr)]
        self._begins = [np.cumsum([0, *(photo.size for photo in photos)]).tolist() for photos in self._photos]
        flat = (np.concatenate([photo.reshape(-1) for photo in photos]) for photos in self._photos)
        self._lr, self._hr = (torch.from_numpy(photos).to(device) for photos in flat)

    def places(self, crops: list[Crop], side: int) -> Tensor:
        """Return where ``crops`` lie, LR and HR, (2, B, 3) on the CPU: the first byte, from row to row, to column."""
        sources = zip(self._photos, self._begins, (1, SCALE), strict=True)
        return torch.tensor(
            [
                [_place(crop, photos[crop.photo], begins[crop.photo], side, scale) for crop in crops]
                for photos, begins, scale in sources
            ]
        )

    def read(self, places: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """Return what ``read_crops`` would for the crops at ``places``, on the device."""
        lr, hr = places.to(self.device, non_blocking=True)
        return _gather(self._lr, lr, side), _gather(self._hr, hr, SCALE * side)


def _place(crop: Crop, photo: RGBArray, begin: int, side: int, scale: int) -> tuple[int, int, int]:
    view = crop.cut(photo, side, scale)
    down, right, _ = view.strides
    return begin + view.ctypes.data - photo.ctypes.data, down, right


def _gather(photos: Tensor, places: Tensor, side: int) -> Tensor:
    """Return (B, 3, side, side), channels-last in memory, for ``places`` (B, 3)."""
    begin, down, right = places.view(-1, 3, 1, 1, 1).unbind(1)  # (B, 1, 1, 1) each
    count, colour = (torch.arange(number, device=photos.device) for number in (side, 3))
    index = begin + down * count.view(side, 1, 1) + right * count.view(side, 1) + colour  # (B, side, side, 3)
    return photos[index].permute(0, 3, 1, 2)
