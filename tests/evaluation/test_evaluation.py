"""The evaluate, upscale and zoo commands, and what they rest on."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import run_python, sample_photo
from PIL import Image

from decloss.commands.evaluate import Evaluate, _key
from decloss.evaluation.intervals import paired_difference
from decloss.evaluation.scores import evaluate, list_pairs, load_pair, mean_scores
from decloss.files.images import decode_photo
from decloss.metrics import psnr
from decloss.models import Bicubic, bicubic_upscale, make_lr
from decloss.pixels import quantize, to_pixels, to_tensor
from decloss.zoo.registry import load_checkpoint


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """A benchmark of two images in the usual layout, the second one pixel larger than a multiple of 4."""
    folder = tmp_path / "Tiny"
    for name in ("HR", "LR_x4"):
        (folder / name).mkdir(parents=True)
    for i, size in enumerate(((64, 72), (65, 70))):
        hr = sample_photo(*size, seed=i)
        Image.fromarray(hr).save(folder / "HR" / f"img_{i}_SRF_4_HR.png")
        cut = hr[: size[0] // 4 * 4, : size[1] // 4 * 4]
        lr = to_pixels(make_lr(to_tensor(cut)))
        Image.fromarray(lr).save(folder / "LR_x4" / f"img_{i}_SRF_4_LR.png")
    return folder


def test_pairs_are_found_by_name_and_cut_to_multiples_of_four(benchmark: Path) -> None:
    pairs = list_pairs(benchmark)
    assert [pair.name for pair in pairs] == ["img_0_SRF_4", "img_1_SRF_4"]
    lr, hr = load_pair(pairs[1])
    assert lr.shape == (1, 3, 16, 17) and hr.shape == (1, 3, 64, 68)


def test_a_plain_folder_gets_its_lr_from_matlabs_bicubic(benchmark: Path) -> None:
    given = [load_pair(pair) for pair in list_pairs(benchmark)]
    made = [load_pair(pair) for pair in list_pairs(benchmark / "HR")]
    for (lr, hr), (lr_made, hr_made) in zip(given, made, strict=True):
        assert torch.equal(lr, lr_made) and torch.equal(hr, hr_made)


def test_an_hr_image_without_partner_or_with_a_wrong_one_is_named(benchmark: Path) -> None:
    wrong = benchmark / "LR_x4" / "img_0_SRF_4_LR.png"
    Image.fromarray(sample_photo(9, 9)).save(wrong)
    with pytest.raises(ValueError, match=r"img_0_SRF_4_LR\.png is not a quarter of HR/img_0_SRF_4_HR\.png: 9 x 9"):
        load_pair(list_pairs(benchmark)[0])
    wrong.unlink()
    with pytest.raises(ValueError, match=r"HR/img_0_SRF_4_HR\.png has no LR image in"):
        load_pair(list_pairs(benchmark)[0])


def test_scores_are_those_of_the_metrics_on_the_rounded_result(benchmark: Path) -> None:
    rows = list(evaluate(Bicubic(), list_pairs(benchmark)))
    for row, pair in zip(rows, list_pairs(benchmark), strict=True):
        lr, hr = load_pair(pair)
        assert row["psnr_y"] == pytest.approx(psnr(quantize(bicubic_upscale(lr)), hr).item())
    means = mean_scores(rows)
    assert means["psnr_y"] == pytest.approx(np.mean([row["psnr_y"] for row in rows]))
    assert "image" not in means


def test_the_command_prints_a_table_with_its_protocol_and_writes_json(
    benchmark: Path, tiny_checkpoints: Path, tmp_path: Path
) -> None:
    target = tmp_path / "scores.json"
    tiny = str(tiny_checkpoints / "tiny-a.safetensors")
    arguments = ("-m", "decloss", "evaluate", "--models", "bicubic", tiny, "--data", str(benchmark))
    table = tmp_path / "scores.csv"
    result = run_python(*arguments, "--json", str(target), "--csv", str(table))
    assert result.returncode == 0, result.stderr
    assert "Tiny, 2 images" in result.stdout and "luma" in result.stdout and "given LR files" in result.stdout
    content = json.loads(target.read_text(encoding="utf-8"))
    assert f"{content['means']['bicubic']['psnr_y']:.2f}" in result.stdout
    assert [row["image"] for row in content["images"][tiny]] == ["img_0_SRF_4", "img_1_SRF_4"]
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["model"], row["image"][:5]) for row in rows] == [
        (model, image) for model in ("bicubic", tiny) for image in ("img_0", "img_1")
    ]
    assert float(rows[3]["psnr_y"]) == content["images"][tiny][1]["psnr_y"]


def test_equal_images_give_valid_json(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (64, 64), (10, 20, 30)).save(tmp_path / "flat" / "grey.png")
    target = tmp_path / "scores.json"
    arguments = ("-m", "decloss", "evaluate", "--models", "bicubic", "--data", str(tmp_path / "flat"))
    result = run_python(*arguments, "--json", str(target))
    assert result.returncode == 0, result.stderr
    assert (
        "inf" in result.stdout and json.loads(target.read_text(encoding="utf-8"))["means"]["bicubic"]["psnr_y"] is None
    )


def test_recorded_scores_land_on_the_card(benchmark: Path, tiny_checkpoints: Path) -> None:
    path = tiny_checkpoints / "tiny-b.safetensors"
    result = run_python("-m", "decloss", "evaluate", "--models", str(path), "--data", str(benchmark), "--record")
    assert result.returncode == 0, result.stderr
    recorded = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["metrics"]["Tiny"]
    assert f"{recorded['psnr_y']:.2f}" in result.stdout and "luma" in recorded["protocol"]
    low, high = recorded["intervals"]["psnr_y"]
    assert low < recorded["psnr_y"] < high and f"{low:.2f}..{high:.2f}" in result.stdout


@pytest.mark.parametrize("command", [[], ["train"], ["evaluate"], ["upscale"], ["zoo"], ["zoo", "add"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run_python("-m", "decloss", *command, "--help")
    assert result.returncode == 0 and "usage: python -m decloss" in result.stdout


def test_zoo_list_shows_the_shipped_checkpoints() -> None:
    result = run_python("-m", "decloss", "zoo", "list")
    assert result.returncode == 0 and "edsr-l1: 1,517,571 parameters" in result.stdout


def test_the_comparison_is_paired_and_has_an_interval(benchmark: Path, tiny_checkpoints: Path) -> None:
    tiny = str(tiny_checkpoints / "tiny-a.safetensors")
    result = run_python("-m", "decloss", "evaluate", "--compare", tiny, "bicubic", "--data", str(benchmark))
    assert result.returncode == 0, result.stderr
    assert f"{tiny} minus bicubic, image by image" in result.stdout
    row = next(line for line in result.stdout.splitlines() if line.startswith("PSNR-Y "))
    assert re.search(r" 2 +too few images to say$", row)
    rows = [list(evaluate(load_checkpoint(name), list_pairs(benchmark))) for name in (tiny, "bicubic")]
    found = paired_difference(*([entry["psnr_y"] for entry in part] for part in rows))
    assert f"{found.mean:+.2f}" in row and f"{found.low:+.2f}..{found.high:+.2f}" in row
    nothing = run_python("-m", "decloss", "evaluate", "--data", str(benchmark))
    assert nothing.returncode == 2 and "give --models, --compare, or both" in nothing.stderr


def test_pictures_of_two_files_with_one_name_are_kept_apart(
    benchmark: Path, tiny_checkpoints: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for suffix in (".safetensors", ".json"):
        (other / f"tiny-a{suffix}").write_bytes((tiny_checkpoints / f"tiny-a{suffix}").read_bytes())
    models = (str(tiny_checkpoints / "tiny-a.safetensors"), str(other / "tiny-a.safetensors"), "bicubic")
    assert Evaluate(data=str(benchmark), models=models, images=tmp_path / "pictures").run() == 0
    folders = sorted((tmp_path / "pictures").iterdir())
    assert len(folders) == 3 and (tmp_path / "pictures" / "bicubic") in folders
    assert all(len(list(folder.iterdir())) == 2 for folder in folders)


def test_an_interrupted_evaluation_goes_on_from_its_finished_images(benchmark: Path, tmp_path: Path) -> None:
    target, pictures = tmp_path / "scores.json", tmp_path / "pictures"
    command = Evaluate(data=str(benchmark), models=("bicubic",), json=target, images=pictures)
    assert command.run() == 0
    journal = tmp_path / ".scores.json.rows"
    assert not journal.exists()
    whole = json.loads(target.read_text(encoding="utf-8"))
    saved = decode_photo(pictures / "bicubic" / "img_0_SRF_4.png").pixels
    lr, _ = load_pair(list_pairs(benchmark)[0])
    assert np.array_equal(saved, to_pixels(bicubic_upscale(lr)))
    # As if it had been killed after the first image, in the middle of writing the second.
    pair = list_pairs(benchmark)[0]
    model = load_checkpoint("bicubic")
    key = _key("bicubic", model, pair, whole["protocol"])
    row = {**whole["images"]["bicubic"][0], "lpips_missing": None, "psnr_y": 12.5}
    journal.write_text(json.dumps({"key": key, "row": row}) + '\n{"key": "half', encoding="utf-8")
    assert command.run() == 0
    resumed = json.loads(target.read_text(encoding="utf-8"))["images"]["bicubic"]
    assert resumed[0]["psnr_y"] == 12.5  # taken over, not measured again
    assert resumed[1]["psnr_y"] == whole["images"]["bicubic"][1]["psnr_y"]
    assert _key("bicubic", model, pair, "another protocol") != key
