"""The short finetunes of benchmarks/: their names, their controls, and their tables."""

import argparse
import json
from dataclasses import fields
from pathlib import Path

import pytest
import torch

import decloss
from benchmarks import experiments, twins
from benchmarks.controls import ControlSettings, enhanced_l1, own_cosine
from benchmarks.experiment_groups import GROUPS
from benchmarks.experiments import directory, tables


def test_every_run_has_a_directory_of_its_own_and_every_twin_is_a_variant() -> None:
    runs = [directory(Path("out"), key, name, 0) for key, group in GROUPS.items() for name in group.variants]
    assert len(runs) == len(set(runs))
    for group in GROUPS.values():
        assert {*group.twins, *group.twins.values()} <= group.variants.keys()


def test_every_setting_of_a_variant_is_an_option() -> None:
    known = {field.name.replace("_", "-") for field in fields(ControlSettings)} | {"mu-share", "ema"}
    for group in GROUPS.values():
        for changes in group.variants.values():
            assert {*group.base, *changes} <= known


def test_the_cosine_to_their_own_is_that_of_a_loop() -> None:
    sr, hr = torch.rand(2, 3, 16, 24), torch.rand(2, 3, 16, 24)
    enhanced = [decloss.enhance_high_frequency(images, mu=6.0) for images in (sr, hr)]
    cosines = []
    for image in range(2):
        for top in (0, 8):
            for left in (0, 8, 16):
                u, v = (images[image, :, top : top + 8, left : left + 8].flatten().double() for images in enhanced)
                cosines.append((u @ v / (u.norm() * v.norm())).item())
    assert own_cosine(sr, hr).item() == pytest.approx(1 - sum(cosines) / len(cosines), abs=1e-6)
    assert own_cosine(hr, hr).item() == pytest.approx(0, abs=1e-6)
    expected = (enhanced[0] - enhanced[1]).abs().mean().item()
    assert enhanced_l1(sr, hr).item() == pytest.approx(expected) and enhanced_l1(hr, hr).item() == 0


def test_what_is_stored_of_a_group_stays_and_other_settings_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = GROUPS["colours"].variants
    stored, out = tmp_path / "stored.json", tmp_path / "out"
    run = directory(out, "colours", second, 0)
    run.mkdir(parents=True)
    (run / "config.json").write_text('{"schedule": {"batch_size": 8, "learning_rate": 0.1}}', encoding="utf-8")
    (run / "metrics.jsonl").write_text('{"validation": {"psnr_y": 2.0}}\n', encoding="utf-8")
    group = GROUPS["colours"]
    about = {"title": group.title, "steps": group.steps, "crop": group.crop, "init": "edsr-l1"}
    about |= {"batch": 8, "learning_rate": 0.1}
    monkeypatch.setattr(experiments, "collect", lambda out, key: {second: "new"})
    for batch in (8, 4):
        kept = {"colours": {**about, "batch": batch, "runs": {first: "old"}, "twins": "old"}}
        stored.write_text(json.dumps(kept), encoding="utf-8")
        options = argparse.Namespace(out=out, stored=stored, groups=["colours"], init="edsr-l1")
        if batch == 8:
            content = experiments.collect_all(options)["colours"]
            assert content == {**about, "runs": {first: "old", second: "new"}, "twins": "old"}
        else:
            with pytest.raises(SystemExit, match="another batch"):
                experiments.collect_all(options)


def test_twins_of_other_weights_are_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    found = {"0": {"psnr_y": [28.0], "lpips": [0.3], "colour_error": [0.5]}}
    measured: list[str] = []
    monkeypatch.setattr(twins, "measure", lambda name, data: measured.append(name) or found)
    stored = tmp_path / "twins.json"
    words = ["twins", "--models", "edsr-l1", "bicubic", "--data", str(tmp_path), "--json", str(stored)]
    monkeypatch.setattr("sys.argv", words)
    for expected in (["edsr-l1", "bicubic"], []):
        measured.clear()
        twins.main()
        assert measured == expected
    content = json.loads(stored.read_text(encoding="utf-8"))
    content["weights"]["edsr-l1"] = "those before"
    stored.write_text(json.dumps(content), encoding="utf-8")
    twins.main()
    assert measured == ["edsr-l1"]
    assert "| edsr-l1 | 28.00 / 0.3000 / 0.50 |" in capsys.readouterr().out


def test_a_table_has_the_columns_that_were_measured() -> None:
    old = {"psnr_y": 28.0, "psnr_rgb": 27.0, "ssim": 0.7, "lpips": 0.3, "icoo": 22.0}
    about = {"title": "T", "steps": 5, "batch": 4, "crop": 32, "init": "edsr-l1"}
    content = {
        "settings": {**about, "runs": {"a": {"scores": [old]}}},
        "colours": {**about, "runs": {"b": {"scores": [{**old, "colour_error": c} for c in (0.4, 0.6)]}}},
    }
    text = tables(content)
    assert "| a | 1 | 28.000 | 27.000 | 0.7000 | 0.3000 | 22.000 |\n" in text
    assert "| icoo | colour_error |" in text and "| 0.50 ± 0.14 |" in text
