"""The batches of a run on its device, drawn ahead in a thread; photos that fit into a GPU's memory are cut there."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from decloss.data.crops import Crop, draw_crops, read_crops
from decloss.data.pairs import PhotoPairs
from decloss.data.resident import ResidentPairs, fit_on
from decloss.training.config import Schedule
from decloss.training.processes import Processes

AHEAD = 2
"""The number of batches that are drawn, and read from files, while a step computes."""


class Reader:
    """A source of crops that are read from the photos' files, and sent to the device."""

    def __init__(self, pairs: PhotoPairs, side: int, device: torch.device) -> None:
        self.pairs, self.side, self.device = pairs, side, device

    def read(self, crops: list[Crop]) -> tuple[Tensor, ...]:
        """Do what the CPU has to do for a batch, in a thread."""
        return read_crops(self.pairs, crops, self.side)

    def send(self, read: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Return LR and HR, uint8, on the device."""
        return tuple(images.to(self.device, non_blocking=True) for images in read)


class Resident(Reader):
    """A source of crops that are cut on the device, where all photos are: the CPU only says where."""

    def __init__(self, pairs: PhotoPairs, side: int, device: torch.device) -> None:
        super().__init__(pairs, side, device)
        self.resident = ResidentPairs(pairs, device)

    def read(self, crops: list[Crop]) -> tuple[Tensor, ...]:
        return (self.resident.places(crops, self.side),)

    def send(self, read: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        (places,) = read
        return self.resident.read(places, self.side)


def read_batches(
    pairs: PhotoPairs, schedule: Schedule, first: int, processes: Processes
) -> Generator[tuple[Tensor, Tensor], None, None]:
    """Yield LR and HR of steps ``first`` to the last, this process's part, (B, 3, H, W) in [0, 1], channels-last."""
    part, device = processes.share_of(schedule.batch_size), processes.device
    source = (Resident if fit_on(device, pairs) else Reader)(pairs, schedule.crop, device)

    def read(step: int) -> tuple[Tensor, ...]:
        crops = draw_crops(pairs, step, schedule.batch_size, schedule.crop, schedule.seed)
        tensors = source.read(crops[part])
        return tuple(tensor.pin_memory() for tensor in tensors) if device.type == "cuda" else tensors

    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(read, step) for step in range(first, min(first + AHEAD, schedule.steps))]
        for step in range(first, schedule.steps):
            if step + AHEAD < schedule.steps:
                coming.append(reader.submit(read, step + AHEAD))
            lr, hr = (images.float() / 255 for images in source.send(coming.pop(0).result()))
            yield lr.contiguous(memory_format=torch.channels_last), hr.contiguous(memory_format=torch.channels_last)
