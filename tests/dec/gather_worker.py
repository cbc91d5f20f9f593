"""One of several processes of ``test_dec_gather``: prints its loss and the gradients that DDP leaves behind."""

import gc
import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import decloss

SHARES = [1, 2]
"""Images of each process: different, as in the last batch of an epoch."""


def joint_batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    hr = torch.rand(sum(SHARES), 3, 24, 16, generator=generator)
    return (hr + 0.2 * torch.randn(hr.shape, generator=generator)).clamp(0, 1), hr


def network() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))


def run(model: nn.Module, backend: str, temperature: str, eta: float, batch: slice, gather: bool) -> dict:
    noisy, hr = joint_batch()
    loss = decloss.DECLoss(mu=6.0, eta=eta, patch_size=4, temperature=temperature, backend=backend, gather=gather)
    value = loss(model(noisy[batch]), hr[batch])
    value.backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    return {"loss": value.item(), "gradients": gradients}


def main() -> None:
    rank, meeting, backend, temperature, eta, out = sys.argv[1:]
    dist.init_process_group("gloo", f"file://{meeting}", rank=int(rank), world_size=len(SHARES))
    start = sum(SHARES[: int(rank)])
    share = slice(start, start + SHARES[int(rank)])
    result = run(DistributedDataParallel(network()), backend, temperature, float(eta), share, gather=True)
    result["gradients"] = [gradient.tolist() for gradient in result["gradients"]]
    Path(out).write_text(json.dumps(result), encoding="utf-8")
    gc.collect()  # what still holds the group, such as the network, would end its threads as the interpreter ends
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
