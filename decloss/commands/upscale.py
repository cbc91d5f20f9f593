"""The command ``python -m decloss upscale``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from tqdm import tqdm

from decloss.commands.console import refresh_seconds, say

if TYPE_CHECKING:
    from torch import nn

BAR = "{desc} {percentage:3.0f}%|{bar}| {n:.2f}/{total} [{elapsed}<{remaining}]"


@dataclass(frozen=True)
class Upscale:
    """Enlarge images four times.

    One image becomes one .png file. Several, or folders of them, become NAME.png below the folder OUTPUT, which is
    created, in the same subfolders. Images that cannot be read are named and left out; the exit status is then 1. The
    results keep resolution and EXIF data, the place where a photo was taken among them.
    """

    first: Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="INPUT")]
    """An image file, or a folder, which is searched with its subfolders."""
    others: Annotated[
        tyro.conf.Positional[tuple[Path, ...]],
        tyro.conf.arg(metavar="[INPUT...] OUTPUT", help_behavior_hint="(required)"),
    ]
    """More of them; and last the .png file, or the folder, to write."""
    model: str = "edsr-l1"
    """A checkpoint's name, a .safetensors file, or "bicubic"; a file of another project if spandrel is installed."""
    overwrite: bool = False
    """Replace results that exist already."""

    def run(self) -> int:
        from decloss.commands.targets import into_file, plan_results
        from decloss.files.images import ImageError
        from decloss.host.devices import to_best_device
        from decloss.zoo.registry import load_checkpoint

        *inputs, output = (self.first, *self.others)
        if not inputs:
            raise ValueError(f"give what to enlarge, and then where the result goes; got {output} alone")
        plan = plan_results(inputs, output, overwrite=self.overwrite)
        model = to_best_device(load_checkpoint(self.model))
        left_out = 0
        with tqdm(total=len(plan), bar_format=BAR, leave=False, mininterval=refresh_seconds()) as bar:
            for number, (source, target) in enumerate(plan):
                bar.set_description_str(source.name, refresh=False)
                try:
                    for share in enlarge(model, source, target):
                        bar.update(number + share - bar.n)
                except (ImageError, RuntimeError) as error:  # networks of others fail for sizes that they do not take
                    reason = str(error).partition("\n")[0]
                    if into_file(inputs, output):
                        raise ValueError(f"{source}: {reason}") from error
                    say(f"Left out {source}: {reason}")
                    left_out += 1
                bar.update(number + 1 - bar.n)
        return 1 if left_out else 0


def enlarge(model: nn.Module, source: Path, target: Path) -> Iterator[float]:
    """Enlarge one image file into a PNG file, a row of tiles at a time, and yield the share done.

    Raises:
        ImageError: if ``source`` cannot be read.
    """
    import numpy as np
    import torch

    from decloss.data.pairs import MAX_TRAINING_PIXELS
    from decloss.files.atomic import replacing
    from decloss.files.images import decode_photo
    from decloss.files.metadata import read_metadata
    from decloss.files.png import PngWriter
    from decloss.inference.upscaling import upscale_tiles
    from decloss.pixels import SCALE, to_pixels

    photo = decode_photo(source, max_pixels=MAX_TRAINING_PIXELS)
    height, width = (SCALE * side for side in photo.pixels.shape[:2])
    metadata = read_metadata(source, height, width)
    for note in (*photo.notes, *metadata.notes):
        say(f"{source}: {note}")
    lr = torch.from_numpy(photo.pixels).permute(2, 0, 1)[None]  # (1, 3, H, W), uint8
    with replacing(target) as file:
        png = PngWriter(file, height, width, metadata.chunks)
        for share, rows, columns, pixels in upscale_tiles(model, lr, eight_bit=True):
            if columns.start == 0:
                row = np.empty((rows.stop - rows.start, width, 3), np.uint8)
            row[:, columns] = to_pixels(pixels)
            if columns.stop == width:
                png.write(row)
            yield share
        png.close()
