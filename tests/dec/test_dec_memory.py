"""Memory of the streaming backend: linear in the number of mini-patches, measured in processes of their own."""

import json
import sys

import pytest
from conftest import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")

MEASURE = """
import json, sys
from pathlib import Path
import torch
from decloss.dec import tiles
from decloss.dec.backends import choose_backend
from decloss.dec.dense import patch_losses
from decloss.dec.pairs import make_pairs

torch.set_num_threads(1)
backend, counts = sys.argv[1], [int(count) for count in sys.argv[2:]]
tiles.CPU_TILE = 256

def peak():
    # Not getrusage: that starts from the peak of the parent process.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

def step(count):
    hr = torch.randn(count, 3, 4, 4)
    sr = (hr + 0.1 * torch.randn(hr.shape)).requires_grad_()
    pairs = make_pairs(sr, hr, -18.0, (1.0, 1.0))
    patch_losses(*choose_backend(backend, pairs).row_sums(pairs)).mean().backward()

step(300)  # what every process pays once: libraries, their buffers
before, peaks = peak(), []
for count in counts:
    step(count)
    peaks.append(peak() - before)
print(json.dumps(peaks))
"""


def extra_megabytes(backend: str, *counts: int) -> list[float]:
    done = run_python("-c", MEASURE, backend, *map(str, counts))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_streaming_grows_linearly_and_dense_with_the_square() -> None:
    small, double, fourfold = extra_megabytes("streaming", 2048, 4096, 8192)
    print(f"streaming: {small:.0f}, {double:.0f}, {fourfold:.0f} MB")
    # Twice for twice as many, with room for the allocator; a square would give four and sixteen times.
    assert double < 2.5 * small + 8 and fourfold < 2.5 * double + 8
    # Twenty (B*, D) matrices at most, and no B* x B* matrix of even one byte an entry (64 MB).
    assert fourfold < 8192 * 48 * 4 / 2**20 * 20
    quarter, dense = extra_megabytes("dense", 1024, 4096)
    print(f"dense: {quarter:.0f}, {dense:.0f} MB")
    assert dense > 2.5**2 * quarter and dense > 10 * double
