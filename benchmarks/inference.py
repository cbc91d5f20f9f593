"""Speed of the networks on a CPU in float32: against OpenVINO, and RRDBNet against its forward written plainly.

    python -m benchmarks.inference                              # a few minutes on two idle cores
    python -m benchmarks.inference --threads 1 --crop 48 --rounds 15

OpenVINO takes part where it is installed (pip install openvino); nothing else here needs it. All take turns in one
process with equal weights, inputs and numbers of threads. The ratios are our time over theirs: of the fastest rounds,
and the median over the rounds. A training step is forward, L1 and backward, without the optimiser, which both share.
"""

import argparse
import os
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from statistics import median
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decloss.host.devices import describe
from decloss.models import EDSR, RRDBNet
from decloss.models.rrdb import RESIDUAL_SCALE, SLOPE, DenseBlock
from decloss.training.config import EDSR_BASELINE, RRDB_6B
from decloss.zoo.checkpoint import build_network

try:
    import openvino  # optional: pip install openvino
except ImportError:
    openvino = None

CPU = torch.device("cpu")
OURS, PLAIN = "ours", "written plainly"
Calls = dict[str, Callable[[], Tensor]]


class PlainRRDB(nn.Module):
    """What ``network`` computes, as the paper says it: each tensor is new, and enlarged before it is convolved."""

    def __init__(self, network: RRDBNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, lr: Tensor) -> Tensor:
        """Upscale LR (B, 3, H, W) in [0, 1] to SR (B, 3, 4H, 4W)."""
        network = self.network
        shallow = deep = network.head(lr)  # (B, F, H, W)
        for rrdb in network.body:
            inner = deep
            for block in rrdb.dense:  # type: ignore[union-attr]  # modules have no types
                inner = self._dense(block, inner)
            deep = deep + RESIDUAL_SCALE * inner
        deep = shallow + network.body_end(deep)
        for conv in (network.up1, network.up2):
            deep = F.leaky_relu(conv(F.interpolate(deep, scale_factor=2, mode="nearest")), SLOPE)  # to (B, F, 4H, 4W)
        return network.tail(F.leaky_relu(network.hr_conv(deep), SLOPE))

    @staticmethod
    def _dense(block: DenseBlock, x: Tensor) -> Tensor:
        seen = x
        for conv in block.convs:
            seen = torch.cat([seen, F.leaky_relu(conv(seen), SLOPE)], dim=1)
        return x + RESIDUAL_SCALE * block.fuse(seen)


def forwards(model: nn.Module, lr: Tensor, threads: int) -> Calls:
    """Name -> a call that gives SR. EDSR is written plainly as it is."""
    written = {OURS: model} | ({PLAIN: PlainRRDB(model)} if isinstance(model, RRDBNet) else {})
    calls: Calls = {name: partial(network, lr) for name, network in written.items()}
    if openvino is not None:
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        for name, network in written.items():
            graph = openvino.convert_model(network, example_input=lr, input=list(lr.shape))
            compiled = openvino.Core().compile_model(graph, "CPU", settings)
            calls[f"OpenVINO, {name}"] = partial(infer, compiled.create_infer_request(), lr)
    return calls


def infer(request: Any, lr: Tensor) -> Tensor:
    return torch.from_numpy(request.infer({0: lr.contiguous().numpy()})[0])


def training_steps(model: RRDBNet, lr: Tensor, hr: Tensor) -> Calls:
    """Name -> a call that gives the gradient of the first convolution's weights, the last that a step computes."""
    plain = PlainRRDB(model)

    def step(forward: Callable[[], Tensor]) -> Tensor:
        model.zero_grad(set_to_none=True)
        F.l1_loss(forward(), hr).backward()
        gradient = model.head.weight.grad
        assert gradient is not None
        return gradient

    return {OURS: lambda: step(lambda: model(lr)), PLAIN: lambda: step(lambda: plain(lr))}


def compare(title: str, calls: Calls, rounds: int) -> None:
    """Print a row for each of ``calls``: its time, ours as a share of it, and how far its result is from ours."""
    results = {name: call() for name, call in calls.items()}  # the first turn warms up
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            begin = perf_counter()
            call()
            seconds[name].append(perf_counter() - begin)
    for name, times in seconds.items():
        fastest = min(seconds[OURS]) / min(times)
        middle = median(ours / theirs for ours, theirs in zip(seconds[OURS], times, strict=True))
        apart = float((results[name] - results[OURS]).abs().max() / results[OURS].abs().max())
        print(
            f"| {title} | {name} | {1000 * min(times):,.0f} ms | {fastest:.2f} | {middle:.2f} | {apart:.0e} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--side", type=int, default=128, help="of the LR image that is upscaled")
    parser.add_argument("--crop", type=int, default=32, help="side of the LR crops of a training step")
    parser.add_argument("--batch-size", type=int, default=8, help="crops in a training step")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    last = torch.channels_last
    other = f"OpenVINO {version('openvino')}" if openvino else "no OpenVINO installed"
    names = f"torch {torch.__version__}, {other}"
    print(f"{describe(CPU)}, load {os.getloadavg()[0]:.1f}, {names}; {arguments.rounds} rounds in turns, float32\n")
    print("| | by | fastest | ours to it, fastest | median | apart |\n|:--|:--|--:|--:|--:|--:|")
    rrdb = build_network(RRDB_6B, "RRDB").to(memory_format=last)  # type: ignore[call-overload]  # torch's stub lacks it
    edsr = build_network(EDSR_BASELINE, "EDSR").to(memory_format=last)  # type: ignore[call-overload]
    assert isinstance(rrdb, RRDBNet) and isinstance(edsr, EDSR)
    image = torch.rand(1, 3, arguments.side, arguments.side).to(memory_format=last)
    with torch.inference_mode():
        for title, model in (("RRDB forward", rrdb), ("EDSR forward", edsr)):
            compare(title, forwards(model.eval(), image, arguments.threads), arguments.rounds)
    lr = torch.rand(arguments.batch_size, 3, arguments.crop, arguments.crop).to(memory_format=last)
    hr = torch.rand(arguments.batch_size, 3, 4 * arguments.crop, 4 * arguments.crop).to(memory_format=last)
    compare("RRDB training step", training_steps(rrdb.train(), lr, hr), arguments.rounds)


if __name__ == "__main__":
    main()
