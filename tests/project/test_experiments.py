"""The short finetunes of benchmarks/: their names, their controls, and their tables."""

from dataclasses import fields
from pathlib import Path

import pytest
import torch

import decloss
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
