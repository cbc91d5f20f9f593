"""One process or many: what torchrun or accelerate started, and what they agree on."""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from decloss.host.devices import named_device

LONGEST_WAIT = timedelta(hours=2)
"""How long processes wait for the one that decodes the photos, or measures, before they fail."""


@dataclass(frozen=True)
class Processes:
    """This process among its fellows."""

    rank: int
    count: int
    device: torch.device
    trainings: int = 1
    """How many trainings the device is for at a time, of which this is one."""

    @property
    def main(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def share_of(self, batch_size: int) -> slice:
        """Return which crops of a batch are this process's.

        Raises:
            ValueError: if the batch cannot be divided evenly.
        """
        if batch_size % self.count:
            raise ValueError(f"batch_size {batch_size} cannot be divided among {self.count} processes")
        part = batch_size // self.count
        return slice(self.rank * part, (self.rank + 1) * part)

    def parallel(self, module: nn.Module) -> nn.Module:
        """Return ``module`` with gradients averaged over the processes."""
        if self.count == 1:
            return module
        devices = [self.device] if self.device.type == "cuda" else None
        return DistributedDataParallel(module, device_ids=devices)

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process; all of them must ask."""
        if self.count == 1:
            return flag
        votes = torch.tensor(float(flag), device=self.device)
        dist.all_reduce(votes)
        return bool(votes > 0)

    def close(self) -> None:
        """Leave the group of processes."""
        if self.count > 1:
            dist.destroy_process_group()


def join_processes(device: str = "auto") -> Processes:
    """Return this process as torchrun or ``accelerate launch`` started it; without them it is alone.

    Args:
        device: one of "auto" (CUDA where there is one), "cpu" and "cuda".

    Raises:
        ValueError: for another device, or CUDA where there is none.
    """
    chosen = named_device(device)
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Processes(0, 1, chosen)
    if chosen.type == "cuda":
        chosen = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
    return Processes(dist.get_rank(), count, chosen)
