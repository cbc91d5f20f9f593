"""Everything that a step changes: adversary, moving average, clipping; and what a run tells about itself."""

import functools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import run_python, sample_photo
from PIL import Image
from safetensors.torch import load_file
from systems import posix

import decloss
from decloss.data.crops import sample_batch
from decloss.data.pairs import load_photo_pairs
from decloss.evaluation import scores
from decloss.losses import LossSettings, Objective
from decloss.models import EDSR
from decloss.training import batches, trainer
from decloss.training.config import RECIPES, Origin, Recipe, Schedule
from decloss.training.processes import join_processes
from decloss.training.recipes import BATCHES_FOR_ETA, resolve_eta
from decloss.training.run_directory import RunDirectory
from decloss.training.trainer import Progress, train
from decloss.training.watching import Validation

FULL = LossSettings(
    l1_weight=0.1,
    dec_weight=0.01,
    mu=8.0,
    eta=15.0,
    patch_size=4,
    adversarial_weight=5e-3,
    adversarial="ragan",
    discriminator_features=8,
)
SMALL = Schedule(
    steps=6, batch_size=2, crop=8, learning_rate=1e-3, precision="float32", checkpoint_every=3, log_every=1, ema=0.9
)


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("DECLOSS_CACHE", str(tmp_path_factory.getbasetemp() / "packs"))


def run_small(
    photo_folder: Path,
    out: Path,
    schedule: Schedule = SMALL,
    losses: LossSettings = FULL,
    *,
    stop_at: int = -1,
    die_at: int = -1,
    **more,
) -> bool:
    recipe = Recipe("small", {"type": "EDSR", "features": 8, "blocks": 1}, losses, schedule)
    torch.manual_seed(schedule.seed)
    model, objective = EDSR(8, 1), Objective(losses, 4 * schedule.crop)
    pairs, run = load_photo_pairs(photo_folder), RunDirectory(out, resume=True)
    origin, processes = Origin("test"), join_processes("cpu")

    def observe(progress: Progress) -> bool:
        if progress.step == die_at:
            raise RuntimeError("killed")
        return progress.step == stop_at

    more["observe"] = observe
    return train(model, objective, pairs, recipe, run, origin, processes, **more)


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


def test_stopped_and_resumed_with_adversary_and_average_it_ends_at_the_same_bits(
    photo_folder: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run_small(photo_folder, whole)
    assert not run_small(photo_folder, parts, stop_at=2)
    assert not run_small(photo_folder, parts, stop_at=5)
    assert run_small(photo_folder, parts)
    assert (whole / "small.safetensors").read_bytes() == (parts / "small.safetensors").read_bytes()
    states = [load_file(folder / "state" / "latest.safetensors") for folder in (whole, parts)]
    kinds = {key.split(".")[0] for key in states[0]}
    assert kinds == {"model", "average", "adversary", "adam", "adam_adversary"}
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    same = ("loss", "l1", "dec", "adversarial", "discriminator")
    assert [[line[name] for name in same] for line in lines(whole)] == [
        [line[name] for name in same] for line in lines(parts)
    ]


def test_killed_between_two_checkpoints_it_ends_at_the_same_bits(photo_folder: Path, tmp_path: Path) -> None:
    """A kill leaves what is on the disk: the last checkpoint, and metrics of steps that must be done again."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run_small(photo_folder, whole)
    with pytest.raises(RuntimeError, match="killed"):
        run_small(photo_folder, parts, die_at=5)
    assert [line["step"] for line in lines(parts)] == [1, 2, 3, 4]
    assert run_small(photo_folder, parts)
    assert [line["step"] for line in lines(parts)] == [1, 2, 3, 4, 5, 6]
    states = [(folder / "state" / "latest.safetensors") for folder in (whole, parts)]
    first, second = (load_file(path) for path in states)
    assert first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_photos_in_the_memory_of_the_device_train_to_the_same_bits(
    photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_small(photo_folder, tmp_path / "files")
    monkeypatch.setattr(batches, "fit_on", lambda device, pairs: True)
    cut, read = [], batches.Resident.read
    monkeypatch.setattr(batches.Resident, "read", lambda self, *crops: cut.append(1) or read(self, *crops))
    assert run_small(photo_folder, tmp_path / "memory") and len(cut) == SMALL.steps
    first, second = (load_file(tmp_path / name / "state" / "latest.safetensors") for name in ("files", "memory"))
    assert first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_the_checkpoint_holds_the_moving_average(photo_folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = EDSR(8, 1)
    name = [key for key in model.state_dict() if key.endswith("weight")][-1]
    recipe = Recipe("small", {"type": "EDSR", "features": 8, "blocks": 1}, LossSettings(), SMALL)
    weights: list[torch.Tensor] = []

    def observe(_) -> bool:
        weights.append(model.state_dict()[name].clone())
        return False

    pairs, run = load_photo_pairs(photo_folder), RunDirectory(tmp_path)
    train(model, Objective(LossSettings()), pairs, recipe, run, Origin("test"), join_processes("cpu"), observe=observe)
    average = weights[0]  # the first update copies
    for weight in weights[1:]:
        average = 0.9 * average + 0.1 * weight
    shipped = load_file(tmp_path / "small.safetensors")[name]
    torch.testing.assert_close(shipped, average)
    assert not torch.allclose(shipped, weights[-1])


def test_gradients_are_clipped(photo_folder: Path, tmp_path: Path) -> None:
    """With Adam's first step the size of a gradient does not matter, so look at its moments instead."""
    norms = []
    for name, clip_norm in (("free", 0.0), ("clipped", 1e-4)):
        schedule = replace(SMALL, steps=1, clip_norm=clip_norm, ema=0.0)
        run_small(photo_folder, tmp_path / name, schedule, LossSettings())
        state = load_file(tmp_path / name / "state" / "latest.safetensors")
        moments = torch.cat([value.flatten() for key, value in state.items() if key.endswith("exp_avg")])
        norms.append(moments.norm().item() / 0.1)  # (1 - beta_1) of the gradient
    assert norms[0] > 1e-3 and norms[1] == pytest.approx(1e-4, rel=1e-2)


def test_a_compiled_network_trains_and_is_saved_under_its_own_names(
    photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, compile = [], functools.partial(torch.compile, backend="eager")
    monkeypatch.setattr(torch, "compile", lambda model: calls.append(1) or compile(model))
    run_small(photo_folder, tmp_path / "compiled", replace(SMALL, compile=True), LossSettings())
    run_small(photo_folder, tmp_path / "plain", SMALL, LossSettings())
    assert len(calls) == 1
    compiled, plain = (load_file(tmp_path / name / "small.safetensors") for name in ("compiled", "plain"))
    assert compiled.keys() == plain.keys()
    for key, value in plain.items():
        torch.testing.assert_close(compiled[key], value)


def test_validation_and_samples_come_at_their_interval(photo_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "validation"
    folder.mkdir()
    for number in range(2):
        Image.fromarray(sample_photo(48, 64 + 4 * number)).save(folder / f"{number}.png")
    schedule = replace(SMALL, steps=5, validate_every=2, log_every=3)
    run_small(
        photo_folder,
        tmp_path / "run",
        schedule,
        validation=Validation(tmp_path / "run", load_photo_pairs(photo_folder), folder),
    )
    with_scores = {line["step"]: line["validation"] for line in lines(tmp_path / "run") if "validation" in line}
    assert list(with_scores) == [2, 4, 5]
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.name for path in samples] == ["00000002.png", "00000004.png", "00000005.png"]
    assert Image.open(samples[0]).size == (64, 48)
    # The last ones are those of the checkpoint that was written.
    model = decloss.load_checkpoint(tmp_path / "run" / "small.safetensors")
    expected = scores.mean_scores(list(scores.evaluate(model, scores.list_pairs(folder))))
    assert with_scores[5].pop("images") == 2
    assert with_scores[5] == pytest.approx({name: expected[name] for name in with_scores[5]})
    assert list(with_scores[5]) == ["psnr_y", "psnr_rgb", "ssim", "lpips", "icoo", "colour_error"]


def test_snapshots_are_kept_at_their_interval_and_load(photo_folder: Path, tmp_path: Path) -> None:
    run_small(photo_folder, tmp_path, replace(SMALL, steps=5, snapshot_every=2, checkpoint_every=100))
    kept = sorted((tmp_path / "snapshots").glob("*.safetensors"))
    assert [path.stem for path in kept] == ["small-000002", "small-000004"]
    cards = [decloss.load_checkpoint(path).card for path in kept]
    assert [card["training"][-1]["step"] for card in cards] == [2, 4]
    weights = [load_file(path)["head.weight"] for path in kept]
    assert not torch.equal(weights[0], weights[1])


def test_a_snapshot_that_could_not_be_written_is_made_when_the_run_goes_on(
    photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = replace(SMALL, steps=5, snapshot_every=2, checkpoint_every=100)
    write = trainer.save_checkpoint

    def full(model: Any, path: Path, *more: Any) -> None:
        if path.stem == "small-000004":
            raise OSError("no space left")
        write(model, path, *more)

    monkeypatch.setattr(trainer, "save_checkpoint", full)
    with pytest.raises(OSError, match="no space left"):
        run_small(photo_folder, tmp_path, schedule)
    monkeypatch.setattr(trainer, "save_checkpoint", write)
    run_small(photo_folder, tmp_path, schedule)
    assert [path.stem[-1] for path in sorted((tmp_path / "snapshots").glob("*.safetensors"))] == ["2", "4"]


def test_the_discriminator_has_the_size_that_is_asked_for() -> None:
    losses = replace(FULL, discriminator_features=16)
    adversary = Objective(losses, 32).adversary
    assert adversary is not None and adversary.discriminator.features[0].out_channels == 16


def test_without_a_folder_the_sample_is_of_a_training_photo(photo_folder: Path, tmp_path: Path) -> None:
    run_small(photo_folder, tmp_path, SMALL, validation=Validation(tmp_path, pairs := load_photo_pairs(photo_folder)))
    height, width = (min(4 * 96, side) for side in pairs.hr[0].shape[:2])
    assert Image.open(tmp_path / "samples" / "00000006.png").size == (width, height)
    assert "validation" not in lines(tmp_path)[-1]


def test_a_line_of_metrics_has_what_the_documentation_says(photo_folder: Path, tmp_path: Path) -> None:
    run_small(photo_folder, tmp_path)
    first, *_ = lines(tmp_path)
    names = ["step", "loss", "l1", "dec", "adversarial", "discriminator", "learning_rate", "steps_per_second"]
    assert list(first) == [*names, "memory_mb"]
    assert first["loss"] == pytest.approx(0.1 * first["l1"] + 0.01 * first["dec"] + 5e-3 * first["adversarial"])
    assert first["memory_mb"] > 100 and first["steps_per_second"] > 0


def test_eta_comes_from_the_share_of_the_first_batches(photo_folder: Path) -> None:
    schedule = Schedule(batch_size=4, crop=8)
    pairs = load_photo_pairs(photo_folder)
    losses = LossSettings(dec_weight=1.0, positive_share=0.05, mu=8.0, patch_size=4)
    etas = [
        resolve_eta(Recipe("x", {}, replace(losses, positive_share=share), schedule), pairs).eta
        for share in (0.0, 0.01, 0.2)
    ]
    assert etas[0] == LossSettings().eta and etas[1] > etas[2]
    drawn = [sample_batch(pairs, step, 4, 8, schedule.seed)[1].float() / 255 for step in range(BATCHES_FOR_ETA)]
    assert etas[2] == round(decloss.eta_from_share(drawn, 0.2, mu=8.0, patch_size=4), 2)
    assert resolve_eta(Recipe("x", {}, replace(losses, dec_weight=0.0), schedule), pairs).eta == LossSettings().eta


@posix
def test_a_full_disk_leaves_the_previous_checkpoint_loadable(photo_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = [
        "-m", "decloss", "train", "--data", str(photo_folder), "--out", str(out), "--recipe", "edsr-l1",
        "--crop", "8", "--batch-size", "1", "--checkpoint-every", "2", "--log-every", "1",
    ]  # fmt: skip
    assert run_python(*arguments, "--steps", "2").returncode == 0
    before = (out / "edsr-l1.safetensors").read_bytes()
    limit = len(before) // 2
    code = (
        "import resource, sys; from decloss.cli import main;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); sys.exit(main(sys.argv[1:]))"
    )
    result = run_python("-c", code, *arguments[2:], "--steps", "6", "--resume")
    assert result.returncode == 2 and "File too large" in result.stderr
    assert (out / "edsr-l1.safetensors").read_bytes() == before
    assert decloss.load_checkpoint(out / "edsr-l1.safetensors").card["training"][-1]["step"] == 2
    assert not list(out.rglob("*.part"))
    assert run_python(*arguments, "--steps", "6", "--resume").returncode == 0


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.init != "none"])
def test_every_recipe_of_stage_two_runs_from_the_command_line(
    name: str, photo_folder: Path, tmp_path: Path, data: Path
) -> None:
    out = tmp_path / name
    options = ["--trunk", "squeezenet1_1", "--init", "none", "--steps", "2", "--batch-size", "2", "--crop", "8"]
    arguments = ["--data", str(photo_folder), "--out", str(out), "--recipe", name, *options, "--mu", "8"]
    result = run_python("-m", "decloss", "train", *arguments, DECLOSS_BACKBONES=str(data / "backbones"))
    assert result.returncode == 0, result.stderr
    card = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))["training"][-1]
    assert card["losses"]["trunk"] == "squeezenet1_1" and card["schedule"]["learning_rate"] == 2e-5
    (line,) = lines(out)
    for term, part in (("l1", "l1"), ("vgg", "perceptual"), ("dec", "dec"), ("gan", "adversarial")):
        assert (part in line) == (term in name)
