"""``zoo train --at-once``: stages in processes of their own, the same bits as one by one, stopped and gone on with."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, run_python
from systems import linux
from waiting import wait_for

ROWS = ("edsr-l1", "edsr-l1-dec")
SHIPPED = tuple(f"{name}.safetensors" for name in ROWS)


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path_factory.getbasetemp() / "packs"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # bit for bit is promised on a CPU


def command(photos: Path, folder: Path, *more: str) -> list[str]:
    return [
        "-m", "decloss", "zoo", "train", "--data", str(photos), "--out", str(folder / "runs"), "--into", str(folder),
        "--only", *ROWS, "--crop", "8", "--batch-size", "1", "--checkpoint-every", "4", "--device", "cpu",
        "--steps-one", "40", "--steps-two", "4", *more,
    ]  # fmt: skip


def children_of(folder: Path) -> list[int]:
    """The processes of stages whose runs lie in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if b"side_by_side" in words and str(folder).encode() in words:
            found.append(int(process.name))
    return found


@linux
def test_killed_and_gone_on_with_they_are_the_same_bits_as_one_by_one(photo_folder: Path, tmp_path: Path) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    assert (result := run_python(*command(photo_folder, alone))).returncode == 0, result.stderr
    arguments = [sys.executable, *command(photo_folder, beside, "--at-once", "2")]
    state = beside / "runs" / "edsr-l1" / "state" / "latest.safetensors"
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL) as parent:
        wait_for(state.exists)
        assert len(children_of(beside)) == 1  # the rows wait for their stage one
        parent.kill()
    wait_for(lambda: not children_of(beside))
    assert not (state.parent.parent / "finished").exists() and not (beside / SHIPPED[0]).exists()
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(Path(line).name for line in done.stdout.splitlines()) == sorted(SHIPPED)
    assert done.stderr.index("edsr-l1: finished") < done.stderr.index("edsr-l1-stage-two: begun")
    assert done.stderr.index("edsr-l1-dec: begun") < done.stderr.index("edsr-l1-stage-two: finished")  # side by side
    for name in SHIPPED:
        assert (alone / name).read_bytes() == (beside / name).read_bytes()


@linux
def test_told_to_stop_it_saves_what_its_stages_have(photo_folder: Path, tmp_path: Path) -> None:
    rare = ["--steps-one", "9999", "--checkpoint-every", "9999"]
    run = tmp_path / "runs" / "edsr-l1"
    arguments = [sys.executable, *command(photo_folder, tmp_path, "--at-once", "2", *rare)]
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True) as parent:
        wait_for((run / "metrics.jsonl").exists)
        assert not (run / "edsr-l1.json").exists()
        parent.send_signal(signal.SIGTERM)
        _, errors = parent.communicate(timeout=120)
    assert parent.returncode == 128 + signal.SIGTERM, errors
    assert "Run the same command again" in errors and not children_of(tmp_path)
    card = json.loads((run / "edsr-l1.json").read_text(encoding="utf-8"))
    assert 50 <= card["training"][-1]["step"] < 9999 and (run / "state" / "latest.safetensors").exists()
    assert card["training"][-1]["hardware"].endswith("shared by up to 2 trainings")


def test_after_its_time_nothing_is_begun(photo_folder: Path, tmp_path: Path) -> None:
    result = run_python(*command(photo_folder, tmp_path, "--at-once", "2", "--budget", "0"))
    assert result.returncode == 0 and "Run the same command again" in result.stderr
    assert not list(tmp_path.rglob("*.safetensors"))


def test_a_stage_that_fails_is_named_with_its_log_and_the_others_are_trained(
    photo_folder: Path, tmp_path: Path
) -> None:
    for name in ("edsr-l1.safetensors", "edsr-l1.json"):
        (tmp_path / name).write_bytes(b"no weights")  # what the row starts from
    rows = ["--only", "edsr-l1-dec", "rrdb-l1", "--steps-one", "2"]
    result = run_python(*command(photo_folder, tmp_path, "--at-once", "2", *rows))
    log = tmp_path / "runs" / "edsr-l1-dec" / "log.txt"
    assert result.returncode == 2 and f"edsr-l1-dec: failed, see {log}" in result.stderr
    assert result.stderr.count("edsr-l1-dec: begun") == 1 and "rrdb-l1: finished" in result.stderr
    assert "CheckpointError" in log.read_text(encoding="utf-8").splitlines()[-1]


def test_what_no_stage_could_use_is_said_at_once(
    photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for more, message in ((["--crop", "48"], "192 x 192"), (["--device", "cuda"], "no CUDA device")):
        result = run_python(*command(photo_folder, tmp_path, "--at-once", "2", *more))
        assert result.returncode == 2 and message in result.stderr
    assert run_python(*command(photo_folder, tmp_path, "--at-once", "0")).returncode == 2
    monkeypatch.setenv("WORLD_SIZE", "2")
    result = run_python(*command(photo_folder, tmp_path, "--at-once", "2"))
    assert result.returncode == 2 and "without torchrun" in result.stderr
    assert not (tmp_path / "runs").exists()
