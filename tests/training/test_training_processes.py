"""Several processes: two on the CPU against one with the joint batch, as torchrun starts them."""

import json
from pathlib import Path

import pytest
import torch
from conftest import run_python
from safetensors.torch import load_file

from decloss.training.processes import Processes, join_processes


def arguments(photos: Path, out: Path, *more: str) -> list[str]:
    return [
        "decloss", "train", "--data", str(photos), "--out", str(out), "--recipe", "edsr-l1-dec", "--init", "none",
        "--dec-weight", "0.1", "--l1-weight", "1", "--mu", "8", "--eta", "12", "--patch-size", "4", "--device", "cpu",
        "--steps", "4", "--batch-size", "4", "--crop", "8", "--precision", "float32", "--log-every", "2",
        "--learning-rate", "1e-3", *more,
    ]  # fmt: skip


def torchrun(*command: str):
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    return run_python(*launcher, *command, OMP_NUM_THREADS="1")


def test_two_processes_train_the_same_network_as_one_with_the_joint_batch(photo_folder: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    alone = run_python("-m", *arguments(photo_folder, one))
    assert alone.returncode == 0, alone.stderr
    both = torchrun(*arguments(photo_folder, two))
    assert both.returncode == 0, both.stderr
    start = tmp_path / "start"
    run_python("-m", *arguments(photo_folder, start, "--steps", "1", "--learning-rate", "1e-12"))
    first, last, joint = (load_file(folder / "edsr-l1-dec.safetensors") for folder in (start, one, two))
    moved = torch.cat([(last[key] - first[key]).flatten() for key in last]).norm()
    apart = torch.cat([(last[key] - joint[key]).flatten() for key in last]).norm()
    assert moved > 0.1 and apart < 1e-2 * moved  # Adam divides by tiny gradients, which enlarges their rounding
    lines = [
        [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        for folder in (one, two)
    ]
    assert [line["step"] for line in lines[1]] == [2, 4]  # one process writes
    assert lines[0][0]["dec"] == pytest.approx(lines[1][0]["dec"], rel=1e-4)  # of the joint batch
    card = json.loads((two / "edsr-l1-dec.json").read_text(encoding="utf-8"))["training"][-1]
    assert card["hardware"].startswith("2 x CPU")
    resumed = torchrun(*arguments(photo_folder, two, "--resume", "--steps", "6"))
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((two / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])["step"] == 6


def test_two_processes_train_one_stage_of_the_zoo_after_the_other(photo_folder: Path, tmp_path: Path) -> None:
    folders = ["--data", str(photo_folder), "--out", str(tmp_path / "runs"), "--into", str(tmp_path)]
    short = ["--steps-one", "1", "--steps-two", "1", "--batch-size", "2", "--crop", "8", "--device", "cpu"]
    result = torchrun("decloss", "zoo", "train", *folders, *short, "--only", "edsr-l1")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("edsr-l1.safetensors") == 1  # one process ships it
    card = json.loads((tmp_path / "edsr-l1.json").read_text(encoding="utf-8"))
    assert [stage["step"] for stage in card["training"]] == [1, 1]


def test_a_batch_that_cannot_be_divided_is_refused() -> None:
    processes = Processes(1, 4, torch.device("cpu"))
    assert processes.share_of(32) == slice(8, 16) and not processes.main
    with pytest.raises(ValueError, match=r"30.*4 processes"):
        processes.share_of(30)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no CUDA device"):
        join_processes("cuda")
    with pytest.raises(ValueError, match="tpu"):
        join_processes("tpu")
    assert join_processes() == Processes(0, 1, torch.device("cpu"))
