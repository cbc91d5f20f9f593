"""The trainer through its command line, as a user runs it: killed, stopped, resumed, and given bad input."""

import json
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT, run_python, sample_photo
from PIL import Image
from systems import posix

import decloss
from decloss.cli import main
from decloss.commands.evaluate import Evaluate
from decloss.commands.progress import TerminalObserver
from decloss.data.crops import draw_crops, read_crops, sample_batch
from decloss.data.pairs import load_photo_pairs
from decloss.losses import LossSettings, Objective
from decloss.models import EDSR, make_lr
from decloss.training.config import Origin, Recipe, Schedule
from decloss.training.processes import join_processes
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Progress, learning_rate_at, train

SMALL = ["--crop", "8", "--batch-size", "2", "--checkpoint-every", "4", "--log-every", "2", "--precision", "float32"]


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path_factory.getbasetemp() / "packs"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # bit for bit is promised on a CPU


def command(data: Path, out: Path, steps: int, *more: str) -> list[str]:
    return ["-m", "decloss", "train", "--data", str(data), "--out", str(out), "--steps", str(steps), *SMALL, *more]


def weights(out: Path) -> bytes:
    return (out / "edsr-l1.safetensors").read_bytes()


def metrics(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def uninterrupted(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 24 steps."""
    out = tmp_path_factory.mktemp("run") / "whole"
    environment = {"DECLOSS_CACHE": str(tmp_path_factory.getbasetemp() / "packs"), "CUDA_VISIBLE_DEVICES": ""}
    result = run_python(*command(photo_folder, out, 24), **environment)
    assert result.returncode == 0, result.stderr
    assert "step/s" in result.stderr and "loss=" in result.stderr
    return out


INTERRUPTED = """
import os, sys
from decloss.cli import main
from decloss.commands.progress import TerminalObserver

observe = TerminalObserver.__call__

def interrupted(observer, progress):
    if progress.step == 7:
        os.kill(os.getpid(), int(sys.argv[1]))
    return observe(observer, progress)

TerminalObserver.__call__ = interrupted
sys.exit(main(sys.argv[2:]))
"""


def interrupt(data: Path, out: Path, number: int) -> int:
    """Start the run, which gets the signal ``number`` in its seventh step, after a checkpoint; its exit status."""
    program = [sys.executable, "-c", INTERRUPTED, str(number), *command(data, out, 24)[2:]]
    return subprocess.run(program, cwd=ROOT, timeout=180, check=False).returncode


@posix
def test_a_killed_run_resumes_to_the_same_weights_bit_for_bit(
    photo_folder: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    assert interrupt(photo_folder, out, signal.SIGKILL) == -signal.SIGKILL
    assert metrics(out)[-1]["step"] < 24
    result = run_python(*command(photo_folder, out, 24, "--resume"))
    assert result.returncode == 0, result.stderr
    assert weights(out) == weights(uninterrupted)
    same = ("step", "loss", "l1", "learning_rate")
    assert [[line[key] for key in same] for line in metrics(out)] == [
        [line[key] for key in same] for line in metrics(uninterrupted)
    ]


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_run_saves_says_so_and_resumes(
    photo_folder: Path, uninterrupted: Path, tmp_path: Path, number: int, status: int
) -> None:
    out = tmp_path / "stopped"
    assert interrupt(photo_folder, out, number) == status
    decloss.load_checkpoint(out / "edsr-l1.safetensors")
    assert run_python(*command(photo_folder, out, 24, "--resume")).returncode == 0
    assert weights(out) == weights(uninterrupted)


def test_a_finished_run_leaves_a_loadable_checkpoint_with_its_provenance(uninterrupted: Path) -> None:
    model = decloss.load_checkpoint(uninterrupted / "edsr-l1.safetensors")
    (stage,) = model.card["training"]
    assert stage["recipe"] == "edsr-l1" and stage["step"] == 24 and stage["data"]["photos"] == 4
    assert stage["schedule"]["seed"] == 0 and stage["precision"] == "float32" and stage["commit"]
    config = json.loads((uninterrupted / "config.json").read_text(encoding="utf-8"))
    assert config["schedule"]["batch_size"] == 2 and config["environment"]["torch"] == torch.__version__
    lines = metrics(uninterrupted)
    assert [line["step"] for line in lines] == list(range(2, 25, 2))
    assert all(line["loss"] == line["l1"] > 0 and line["steps_per_second"] > 0 for line in lines)


def test_resuming_a_finished_run_keeps_the_scores_on_its_card(
    photo_folder: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(uninterrupted, tmp_path / "run")
    card = json.loads((out / "edsr-l1.json").read_text(encoding="utf-8"))
    card["metrics"] = {"Set": {"psnr_y": 1.0}}
    (out / "edsr-l1.json").write_text(json.dumps(card), encoding="utf-8")
    assert run_python(*command(photo_folder, out, 24, "--resume")).returncode == 0
    assert json.loads((out / "edsr-l1.json").read_text(encoding="utf-8")) == card
    (out / "edsr-l1.safetensors").unlink()  # a kill before it was written
    assert run_python(*command(photo_folder, out, 24, "--resume")).returncode == 0
    assert weights(out) == weights(uninterrupted)


def test_signals_are_kept_for_later_from_the_first_step_on_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with TerminalObserver(2, shown=False) as observe:
        assert signal.getsignal(signal.SIGTERM) is before  # photos are decoded meanwhile: there is nothing to save
        assert not observe(Progress(1, 0.0, torch.zeros(()), {}))
        signal.raise_signal(signal.SIGTERM)
        assert observe(Progress(2, 0.0, torch.zeros(()), {})) and observe.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_where_there_is_nothing_to_save_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(command: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Evaluate, "run", interrupt)
    assert main(["evaluate", "--data", "x"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


def test_a_finished_run_can_be_started_from(photo_folder: Path, uninterrupted: Path, tmp_path: Path) -> None:
    start = uninterrupted / "edsr-l1.safetensors"
    result = run_python(*command(photo_folder, tmp_path / "next", 2, "--init", str(start)))
    assert result.returncode == 0, result.stderr
    stages = decloss.load_checkpoint(tmp_path / "next" / "edsr-l1.safetensors").card["training"]
    assert [stage["step"] for stage in stages] == [24, 2] and stages[1]["init"] == "edsr-l1"


def test_mistakes_are_explained_and_nothing_is_lost(photo_folder: Path, uninterrupted: Path, tmp_path: Path) -> None:
    before = weights(uninterrupted)
    empty = tmp_path / "empty"
    empty.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(sample_photo(96, 96)).save(other / "one.png")
    occupied = uninterrupted.parent / "occupied"
    occupied.mkdir()
    (occupied / "edsr-l1.safetensors").write_bytes(before)
    for arguments, message in (
        (command(photo_folder, uninterrupted, 24), "pass --resume"),
        (command(photo_folder, uninterrupted, 24, "--resume", "--seed", "9"), "seed=0, not 9"),
        (command(other, uninterrupted, 24, "--resume"), "data_fingerprint.*same settings and photos"),
        (command(photo_folder, uninterrupted.parent / "occupied", 24), "already holds a run"),
        (command(photo_folder, uninterrupted / "config.json", 4), "config.json"),
        (command(empty, tmp_path / "x", 4), "no images"),
        (command(tmp_path / "absent", tmp_path / "x", 4), "no such folder"),
        (command(photo_folder, tmp_path / "x", 4, "--crop", "48"), r"192 x 192.* a.png \(120 x 96\) and 3"),
        (command(photo_folder, tmp_path / "x", 4, "--learning-rate", "-1"), "learning_rate.*-1"),
        (command(photo_folder, tmp_path / "x", 4, "--init", "nothing"), "no checkpoint called 'nothing'"),
    ):
        result = run_python(*arguments)
        assert result.returncode == 2, result.stderr
        assert "Traceback" not in result.stderr
        text = " ".join(result.stderr.replace("│", " ").split())
        assert re.search(message, text), (message, text)
    assert weights(uninterrupted) == before


def test_pairs_are_cached_and_follow_the_folder(tmp_path: Path) -> None:
    Image.fromarray(sample_photo(41, 46)).save(tmp_path / "one.png")
    reports: list[str] = []
    first = load_photo_pairs(tmp_path, report=reports.append)
    assert first.hr[0].shape == (40, 44, 3) and first.lr[0].shape == (10, 11, 3)
    hr = torch.from_numpy(np.array(first.hr[0])).permute(2, 0, 1)[None] / 255
    expected = (make_lr(hr)[0].permute(1, 2, 0) * 255).round().byte().numpy()
    assert np.array_equal(first.lr[0], expected)
    load_photo_pairs(tmp_path, report=reports.append)
    assert len(reports) == 1
    Image.fromarray(sample_photo(40, 40)).save(tmp_path / "two.png")
    assert len(load_photo_pairs(tmp_path, report=reports.append).hr) == 2


def test_batches_depend_on_seed_and_step_alone_and_their_crops_belong_together(photo_folder: Path) -> None:
    pairs = load_photo_pairs(photo_folder)
    lr, hr = sample_batch(pairs, step=5, batch_size=32, crop=12, seed=1)
    again = sample_batch(pairs, step=5, batch_size=32, crop=12, seed=1)
    assert torch.equal(lr, again[0]) and torch.equal(hr, again[1])
    assert not torch.equal(lr, sample_batch(pairs, step=6, batch_size=32, crop=12, seed=1)[0])
    assert not torch.equal(lr, sample_batch(pairs, step=5, batch_size=32, crop=12, seed=2)[0])
    assert lr.dtype == hr.dtype == torch.uint8
    part = read_crops(pairs, draw_crops(pairs, step=5, batch_size=32, crop=12, seed=1)[8:16], 12)
    assert torch.equal(part[0], lr[8:16]) and torch.equal(part[1], hr[8:16])
    lr, hr = lr / 255, hr / 255
    # Flipped and rotated alike: the LR crop is the shrunk HR crop, up to the border that saw other pixels.
    inner = (..., slice(2, -2), slice(2, -2))
    assert (make_lr(hr) - lr)[inner].abs().max() <= 1.01 / 255


def test_crops_are_flipped_and_rotated_in_all_eight_ways(tmp_path: Path) -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16, :8], pixels[:8, 16:] = 255, 128
    Image.fromarray(pixels).save(tmp_path / "asymmetric.png")
    _, hr = sample_batch(load_photo_pairs(tmp_path), step=0, batch_size=100, crop=8, seed=0)
    assert len({image.numpy().tobytes() for image in hr.contiguous()}) == 8


def test_the_learning_rate_warms_up_then_falls_along_a_cosine() -> None:
    schedule = Schedule(steps=1000, learning_rate=1e-3, warmup=0.1)
    rates = [learning_rate_at(step, schedule) for step in range(1000)]
    assert rates[0] == pytest.approx(1e-3 / 101)
    assert rates[:100] == sorted(rates[:100]) and rates[100:] == sorted(rates[100:], reverse=True)
    assert rates[100] == pytest.approx(1e-3) and rates[550] == pytest.approx(5e-4) and rates[-1] < 1e-8


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"crop": 0}, {"warmup": 1.0}, {"seed": -1}, {"learning_rate": 0.0}, {"clip_norm": np.inf}]
)
def test_an_impossible_schedule_is_refused_with_its_value(options: dict[str, float]) -> None:
    (name, value), *_ = options.items()
    with pytest.raises(ValueError, match=f"{name}.*{value}"):
        Schedule(**options)  # type: ignore[arg-type]


def run_small(photo_folder: Path, out: Path, schedule: Schedule, observe=lambda progress: False) -> bool:
    recipe = Recipe("small", {"type": "EDSR", "features": 8, "blocks": 1}, schedule=schedule)
    torch.manual_seed(0)
    pairs = load_photo_pairs(photo_folder)
    run = RunDirectory(out, resume=True)
    objective = Objective(LossSettings())
    return train(EDSR(8, 1), objective, pairs, recipe, run, Origin("test"), join_processes("cpu"), observe=observe)


def test_training_learns(photo_folder: Path, tmp_path: Path) -> None:
    schedule = Schedule(steps=150, batch_size=8, crop=8, learning_rate=3e-3, precision="float32", log_every=1)
    assert run_small(photo_folder, tmp_path, schedule)
    losses = [line["loss"] for line in metrics(tmp_path)]
    assert np.mean(losses[-20:]) < 0.6 * np.mean(losses[:20])


def test_bfloat16_trains_too(photo_folder: Path, tmp_path: Path) -> None:
    schedule = Schedule(steps=60, batch_size=4, crop=8, learning_rate=3e-3, precision="bfloat16", log_every=1)
    assert run_small(photo_folder, tmp_path, schedule)
    losses = [line["loss"] for line in metrics(tmp_path)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
    run_small(photo_folder, tmp_path / "float32", replace(schedule, steps=1, precision="float32"))
    assert metrics(tmp_path / "float32")[0]["loss"] != losses[0]


def test_a_run_can_be_stopped_by_its_observer_and_extended(photo_folder: Path, tmp_path: Path) -> None:
    seen: list[int] = []

    def observe(progress: Progress) -> bool:
        seen.append(progress.step)
        return progress.step == 3

    schedule = Schedule(steps=6, batch_size=1, crop=8, checkpoint_every=100, log_every=1)
    assert not run_small(photo_folder, tmp_path, schedule, observe)
    assert run_small(photo_folder, tmp_path, Schedule(steps=8, batch_size=1, crop=8, log_every=1), observe)
    assert seen == list(range(1, 9))
    assert [line["step"] for line in metrics(tmp_path)] == seen


def test_a_loss_that_is_not_finite_stops_training_and_keeps_the_last_checkpoint(
    photo_folder: Path, tmp_path: Path
) -> None:
    schedule = Schedule(steps=4, batch_size=1, crop=8, checkpoint_every=2, log_every=1)
    run_small(photo_folder, tmp_path, schedule)
    before = (tmp_path / "small.safetensors").read_bytes()

    class Poison(Objective):
        def forward(self, sr: torch.Tensor, hr: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
            loss = (sr - hr).mean() * float("nan")
            return loss, {"l1": loss.detach()}

    pairs = load_photo_pairs(photo_folder)
    poison, processes = Poison(LossSettings()), join_processes("cpu")
    for log_every, checkpoint_every in ((1, 2), (100, 1)):
        longer = Schedule(steps=8, batch_size=1, crop=8, checkpoint_every=checkpoint_every, log_every=log_every)
        recipe = Recipe("small", {"type": "EDSR", "features": 8, "blocks": 1}, schedule=longer)
        run = RunDirectory(tmp_path, resume=True)
        with pytest.raises(FloatingPointError, match=r"nan at step 5 \(l1 nan\)"):
            train(EDSR(8, 1), poison, pairs, recipe, run, Origin("test"), processes)
        assert (tmp_path / "small.safetensors").read_bytes() == before
