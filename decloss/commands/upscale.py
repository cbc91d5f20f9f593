"""``python -m decloss upscale``."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from decloss.commands.console import say
from decloss.devices import to_best_device
from decloss.evaluation import to_pixels, to_tensor
from decloss.images import decode_photo, encode_png
from decloss.inference import upscale
from decloss.training.atomic import write_atomically
from decloss.zoo import load_checkpoint


@dataclass(frozen=True)
class Upscale:
    """Enlarge one image four times."""

    input: tyro.conf.Positional[Path]
    """An image file."""
    output: tyro.conf.Positional[Path]
    """The PNG file to write."""
    model: str = "edsr-l1"
    """A checkpoint's name, a .safetensors file, or "bicubic"."""

    def run(self) -> int:
        photo = decode_photo(self.input)
        for note in photo.notes:
            say(note)
        model = to_best_device(load_checkpoint(self.model))
        write_atomically(self.output, encode_png(to_pixels(upscale(model, to_tensor(photo.pixels)))))
        return 0
