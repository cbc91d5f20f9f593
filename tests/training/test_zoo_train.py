"""``zoo train``: what is missing of the ten, stage one shared, resumable."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import run_python

from decloss.commands import zoo_train
from decloss.commands.zoo_train import ZooTrain
from decloss.losses import LossSettings
from decloss.training.config import TABLE_1


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Names and starting points, in the order of training; the training itself writes an empty checkpoint."""
    order: list[tuple[str, str]] = []

    def stand_in(recipe, data, run, *others) -> bool:
        order.append((recipe.name, Path(recipe.init).stem))
        run.checkpoint_path(recipe.name).touch()
        return True

    def copy(checkpoint: Path, folder: Path) -> Path:
        (folder / checkpoint.name).touch()
        (folder / checkpoint.name).with_suffix(".json").touch()
        return folder / checkpoint.name

    monkeypatch.setattr("decloss.training.recipes.train_recipe", stand_in)
    monkeypatch.setattr(zoo_train, "ship", copy)
    return order


def test_all_ten_are_trained_from_one_stage_one_for_each_network(trained, tmp_path: Path) -> None:
    command = ZooTrain(data=tmp_path, out=tmp_path / "runs", into=tmp_path)
    assert command.run() == 0
    ones = [name for name, init in trained if init == "none"]
    twos = [name for name, init in trained if init != "none"]
    assert ones == ["edsr-l1", "rrdb-l1"] and twos == list(TABLE_1)
    for name, init in trained:  # the L1 row goes on from stage one as well
        assert init in ("none", f"{name.split('-')[0]}-l1")
        assert init == "none" or trained.index((init, "none")) < trained.index((name, init))
    assert {path.stem for path in tmp_path.glob("*.safetensors")} == set(TABLE_1)
    trained.clear()
    assert command.run() == 0 and not trained  # nothing is missing any more


def test_what_is_shipped_is_not_trained_again_and_only_names_are_respected(trained, tmp_path: Path) -> None:
    for name in ("edsr-l1.safetensors", "edsr-l1.json", "edsr-l1-dec.safetensors"):  # the last one lacks its card
        (tmp_path / name).touch()
    wanted = ("edsr-l1", "edsr-l1-dec")
    assert ZooTrain(data=tmp_path, out=tmp_path / "runs", into=tmp_path, only=wanted).run() == 0
    assert trained == [("edsr-l1-dec", "edsr-l1")]
    with pytest.raises(ValueError, match="'edsr-l2'"):
        ZooTrain(data=tmp_path, out=tmp_path / "runs", only=("edsr-l2",)).run()


def test_where_all_rows_are_shipped_no_stage_one_is_trained(
    trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in TABLE_1:
        (tmp_path / f"{name}.json").touch()
    assert ZooTrain(data=tmp_path, out=tmp_path / "runs", into=tmp_path).run() == 0
    assert not trained and "Nothing is missing" in capsys.readouterr().err


def test_a_stage_one_that_goes_on_and_is_stopped_is_not_finished(
    trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    command = ZooTrain(data=tmp_path, out=runs, into=tmp_path, validate=tmp_path, steps_one=4, steps_one_rrdb=3)
    command = replace(command, only=("rrdb-l1-vgg-dec",), budget=1.0)
    measured(runs / "rrdb-l1", 3, 28.1)
    measured(runs / "edsr-l1", 4, 28.2)
    for name in ("rrdb-l1", "edsr-l1"):
        (runs / name / "finished").touch()

    def stopped(recipe, *others) -> bool:
        measured(runs / recipe.name, 4, 28.3)  # it is good enough by now, but not at its end
        return False

    monkeypatch.setattr("decloss.training.recipes.train_recipe", stopped)
    more = replace(command, steps_one_rrdb=5)
    assert more.run() == 0 and more.stages.ready().directory == "rrdb-l1"


def test_every_row_of_stage_two_has_the_same_budget_and_a_mu_that_fits_the_crop(tmp_path: Path) -> None:
    command = ZooTrain(data=tmp_path, out=tmp_path / "runs", into=tmp_path, steps_two=7, crop=32, batch_size=4)
    stages = [list(command.stages.missing(name))[-1] for name in TABLE_1]
    directories, recipes = zip(*((stage.directory, stage.recipe) for stage in stages), strict=True)
    assert len({recipe.schedule for recipe in recipes}) == 1 and recipes[0].schedule.steps == 7
    assert {recipe.losses.mu for recipe in recipes} == {LossSettings().mu * 32 / 48}
    assert directories[0] == "edsr-l1-stage-two" and recipes[0].losses.l1_weight > 0


def measured(run: Path, step: int, psnr_y: float) -> None:
    """What a run writes when it measures itself, and then a line that is on its way."""
    run.mkdir(parents=True, exist_ok=True)
    lines = [{"step": 1, "validation": {"psnr_y": 50.0}}, {"step": step, "validation": {"psnr_y": psnr_y}}, {"step": 9}]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"step": 10, "valid'
    (run / "metrics.jsonl").write_text(text, encoding="utf-8")


def test_no_row_starts_from_a_stage_one_that_is_weaker_than_that_of_edsr(trained, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    command = ZooTrain(data=tmp_path, out=runs, into=tmp_path, validate=tmp_path, steps_one=4, steps_one_rrdb=3)
    rows = ("rrdb-l1-vgg-dec", "edsr-l1-dec")
    command = replace(command, only=rows)
    assert command.stages.ready().directory == "rrdb-l1"
    assert command.stages.ready({"rrdb-l1"}).directory == "edsr-l1"  # what RRDB's is measured by
    assert command.stages.ready({"rrdb-l1", "edsr-l1"}) is None
    measured(runs / "rrdb-l1", 3, 28.1)
    measured(runs / "edsr-l1", 4, 28.2)
    with pytest.raises(ValueError, match=r"rrdb-l1 has a PSNR-Y of 28\.10 dB after 3 steps, less than the 28\.20 dB"):
        command.run()
    assert trained == [("rrdb-l1", "none"), ("edsr-l1", "none"), ("edsr-l1-dec", "edsr-l1")]
    trained.clear()
    with pytest.raises(ValueError, match="with more steps"):  # the same command does nothing new
        command.run()
    assert not trained
    more = replace(command, steps_one_rrdb=5)
    assert more.stages.ready().recipe.schedule.steps == 5
    measured(runs / "rrdb-l1", 5, 28.2)
    assert more.run() == 0 and trained == [("rrdb-l1-vgg-dec", "rrdb-l1")]


def test_without_images_to_measure_on_rows_start_as_they_can(trained, tmp_path: Path) -> None:
    measured(tmp_path / "runs" / "rrdb-l1", 3, 28.1)
    measured(tmp_path / "runs" / "edsr-l1", 3, 28.2)
    only = ("rrdb-l1-vgg-dec", "edsr-l1-dec")
    assert ZooTrain(data=tmp_path, out=tmp_path / "runs", into=tmp_path, only=only).run() == 0
    assert [name for name, _ in trained] == ["rrdb-l1", "rrdb-l1-vgg-dec", "edsr-l1", "edsr-l1-dec"]


def test_a_budget_stops_and_the_same_command_goes_on(photo_folder: Path, tmp_path: Path) -> None:
    arguments = [
        "-m", "decloss", "zoo", "train", "--data", str(photo_folder), "--out", str(tmp_path / "runs"),
        "--into", str(tmp_path), "--only", "edsr-l1-dec", "--crop", "8", "--batch-size", "1", "--device", "cpu",
        "--steps-one", "3", "--steps-two", "2",
    ]  # fmt: skip
    stopped = run_python(*arguments, "--budget", "0")
    assert stopped.returncode == 0 and "Run the same command again" in stopped.stderr
    assert (
        json.loads((tmp_path / "runs" / "edsr-l1" / "edsr-l1.json").read_text(encoding="utf-8"))["training"][-1]["step"]
        == 1
    )
    assert not list(tmp_path.glob("*.safetensors"))
    done = run_python(*arguments)
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "edsr-l1-dec.json").read_text(encoding="utf-8"))
    assert [(stage["recipe"], stage["step"]) for stage in card["training"]] == [("edsr-l1", 3), ("edsr-l1-dec", 2)]
    assert card["training"][-1]["losses"]["dec_weight"] == 1e-3 and card["training"][-1]["init"] == "edsr-l1"
