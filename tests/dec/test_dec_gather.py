"""gather=True: two processes under DistributedDataParallel against one with both batches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import gather_worker
import pytest
import torch
from conftest import ROOT
from contrast_cases import LINEAR_BACKENDS, images, no_triton, safe_eta

import decloss
from decloss.dec.dense import INSIDE, OUTSIDE

WORKER = ROOT / "tests" / "dec" / "gather_worker.py"


@pytest.mark.parametrize(
    ("backend", "temperature"),
    [
        ("dense", OUTSIDE),
        ("streaming", OUTSIDE),
        ("streaming", INSIDE),
        pytest.param("triton", OUTSIDE, marks=no_triton),
    ],
)
def test_two_processes_give_the_loss_and_gradients_of_one_with_the_joint_batch(
    backend: str, temperature: str, tmp_path: Path
) -> None:
    _, hr = gather_worker.joint_batch()
    eta = safe_eta(hr, 0.2, 6.0, 4)
    outputs = [tmp_path / f"{rank}.json" for rank in range(2)]
    meeting = tmp_path / "meeting"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = []
    for rank, output in enumerate(outputs):
        command = [sys.executable, WORKER, str(rank), meeting, backend, temperature, str(eta), output]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        processes.append(subprocess.Popen(command, env=environment, text=True, **pipes))
    try:
        for process in processes:
            log, _ = process.communicate(timeout=240)
            assert process.returncode == 0, log
    finally:
        for process in processes:
            process.kill()  # the other one waits for ever if one fails
    joint = gather_worker.run(gather_worker.network(), "streaming", temperature, eta, slice(None), gather=False)
    assert joint["loss"] != 0
    for output in outputs:
        result = json.loads(output.read_text(encoding="utf-8"))
        assert result["loss"] == pytest.approx(joint["loss"], rel=1e-6)
        for ours, expected in zip(result["gradients"], joint["gradients"], strict=True):
            difference = torch.tensor(ours) - expected
            assert difference.norm() <= 1e-5 * expected.norm()
    # Without gathering each process would see its own candidates only.
    alone = gather_worker.run(gather_worker.network(), "streaming", temperature, eta, slice(0, 1), gather=False)
    assert alone["loss"] != pytest.approx(joint["loss"], rel=1e-3)


@pytest.mark.parametrize("backend", LINEAR_BACKENDS)
def test_alone_gathering_changes_nothing(backend: str) -> None:
    sr, hr = images(dtype=torch.float32)
    one, other = (
        decloss.DECLoss(mu=6.0, eta=safe_eta(hr, 0.3, 6.0, 4), patch_size=4, backend=backend, gather=gather)
        for gather in (False, True)
    )
    assert one(sr, hr) == other(sr, hr)
