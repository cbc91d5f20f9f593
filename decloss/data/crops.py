"""Random crops of training pairs, drawn by seed and step alone."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from decloss.data.pairs import PhotoPairs, to_channels_first
from decloss.files.images import RGBArray
from decloss.pixels import SCALE


@dataclass(frozen=True)
class Crop:
    """Where a pair of crops is cut out of a photo, and how it is turned."""

    photo: int
    top: int
    """The first row in LR pixels."""
    left: int
    """The first column in LR pixels."""
    flipped: bool
    """Whether left and right change places."""
    turns: int
    """The quarter turns after that, against the clock."""

    def cut(self, photo: RGBArray, side: int, scale: int) -> RGBArray:
        """Return this crop of ``photo`` as a view of (scale * side, scale * side, 3); ``side`` is that in LR pixels."""
        top, left, side = scale * self.top, scale * self.left, scale * side
        patch = photo[top : top + side, left : left + side]
        return np.rot90(patch[:, ::-1] if self.flipped else patch, self.turns)


def draw_crops(pairs: PhotoPairs, step: int, batch_size: int, crop: int, seed: int) -> list[Crop]:
    """Return the crops of one training step, a pure function of ``seed`` and ``step``: resuming needs no state.

    Each comes from a photo drawn uniformly, at a uniform position, flipped and rotated at random (§5.1).

    Args:
        crop: side of the LR crop in pixels; the HR crop is four times as large.

    Raises:
        ValueError: if a photo is smaller than the crop.
    """
    rng = np.random.default_rng([seed, step])
    drawn: list[Crop] = []
    for _ in range(batch_size):
        photo = int(rng.integers(len(pairs.lr)))
        height, width, _ = pairs.lr[photo].shape
        top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
        drawn.append(Crop(photo, top, left, bool(rng.integers(2)), int(rng.integers(4))))
    return drawn


def read_crops(pairs: PhotoPairs, crops: list[Crop], side: int) -> tuple[Tensor, Tensor]:
    """Return LR (B, 3, side, side) and HR (B, 3, 4*side, 4*side) of ``crops``, uint8, channels-last in memory."""
    lr = np.stack([crop.cut(pairs.lr[crop.photo], side, 1) for crop in crops])
    hr = np.stack([crop.cut(pairs.hr[crop.photo], side, SCALE) for crop in crops])
    return to_channels_first(lr), to_channels_first(hr)


def sample_batch(pairs: PhotoPairs, step: int, batch_size: int, crop: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the batch of one training step, LR and HR, as ``draw_crops`` draws and ``read_crops`` reads it."""
    return read_crops(pairs, draw_crops(pairs, step, batch_size, crop, seed), crop)


def check_crop_fits(pairs: PhotoPairs, crop: int) -> None:
    """Refuse photos smaller than the crop before training starts.

    Raises:
        ValueError: if there are any; it names the smallest with its size, and counts the others.
    """
    side = crop * SCALE
    small = sorted((min(hr.shape[:2]), name, hr.shape) for hr, name in zip(pairs.hr, pairs.names, strict=True))
    small = [entry for entry in small if entry[0] < side]
    if small:
        _, name, (height, width, _) = small[0]
        others = f" and {len(small) - 1} more" if len(small) > 1 else ""
        raise ValueError(
            f"crops of {side} x {side} pixels do not fit {name} ({width} x {height}){others}; "
            f"remove what is too small or choose a smaller crop"
        )
