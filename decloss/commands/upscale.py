"""``python -m decloss upscale``."""

from dataclasses import dataclass
from pathlib import Path

import tyro
from tqdm import tqdm

from decloss.commands.console import refresh_seconds, say
from decloss.files.atomic import write_atomically
from decloss.files.images import decode_photo, encode_png
from decloss.host.devices import to_best_device
from decloss.host.steps import Steps
from decloss.inference.upscaling import upscale_steps
from decloss.pixels import to_pixels, to_tensor
from decloss.zoo.registry import load_checkpoint


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
        if self.output.suffix.lower() != ".png":
            raise ValueError(f"the result is a PNG file, so its name must end in .png, got {self.output.name}")
        photo = decode_photo(self.input)
        for note in photo.notes:
            say(note)
        model = to_best_device(load_checkpoint(self.model))
        steps = Steps(upscale_steps(model, to_tensor(photo.pixels), eight_bit=True))
        with tqdm(total=100, unit="%", leave=False, mininterval=refresh_seconds()) as progress:
            for share in steps:
                progress.update(round(100 * share) - progress.n)
        write_atomically(self.output, encode_png(to_pixels(steps.result)))
        return 0
