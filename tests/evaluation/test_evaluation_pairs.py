"""Which images are measured: HR beside their own LR, by the path within the folder, without those that cannot be."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import sample_photo
from PIL import Image

from decloss.evaluation.scores import SMALLEST, check_pairs, list_pairs, load_pair, score
from decloss.metrics import LPIPSUnavailableError, colour_error, icoo, lpips, psnr, ssim
from decloss.models import make_lr
from decloss.pixels import to_pixels, to_tensor


def save(path: Path, height: int = 48, width: int = 48, seed: int = 0) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = sample_photo(height, width, seed)
    Image.fromarray(pixels).save(path)
    return pixels


def save_with_lr(folder: Path, hr: str, lr: str, seed: int = 0) -> None:
    pixels = save(folder / "HR" / hr, seed=seed)
    (folder / "LR_x4" / lr).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(to_pixels(make_lr(to_tensor(pixels)))).save(folder / "LR_x4" / lr)


def test_images_of_one_name_in_two_subfolders_meet_their_own_lr(tmp_path: Path) -> None:
    save_with_lr(tmp_path, "a/1.png", "a/1.png", seed=1)
    save_with_lr(tmp_path, "b/1_HR.png", "b/1_LR.png", seed=2)
    pairs = list_pairs(tmp_path)
    assert [pair.name for pair in pairs] == ["a/1", "b/1"]
    for pair in pairs:
        lr, hr = load_pair(pair)
        assert torch.equal(lr, make_lr(hr))


@pytest.mark.parametrize("names", [("a.png", "a.webp"), ("cat.png", "cat_x4.png"), ("HR/x/a_HR.png", "HR/x/a.png")])
def test_two_images_that_would_go_by_one_name_are_refused_by_name(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        save(tmp_path / name)
    with pytest.raises(ValueError, match=" and ") as caught:
        list_pairs(tmp_path)
    assert all(name in str(caught.value) for name in names) and "rename or move one" in str(caught.value)


def test_lr_images_beside_the_originals_are_no_originals(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    save(tmp_path / "LR_x4" / "a.png", 12, 12)
    (pair,) = list_pairs(tmp_path)
    assert (pair.name, pair.hr, pair.lr) == ("a", tmp_path / "a.png", tmp_path / "LR_x4" / "a.png")
    pair.hr.unlink()
    with pytest.raises(ValueError, match="the originals are missing"):
        list_pairs(tmp_path)


def test_two_lr_images_for_one_are_refused_as_well(tmp_path: Path) -> None:
    save_with_lr(tmp_path, "1.png", "1.png")
    save(tmp_path / "LR_x4" / "1x4.png", 12, 12)
    with pytest.raises(ValueError, match=r"LR_x4/1.png and LR_x4/1x4.png"):
        list_pairs(tmp_path)


def test_what_cannot_be_measured_is_left_out_with_its_reason(tmp_path: Path) -> None:
    for name in ("good", "no_quarter", "alone", "broken_lr", "small"):
        save_with_lr(tmp_path, f"{name}.png", f"{name}.png")
    save(tmp_path / "LR_x4" / "no_quarter.png", 9, 12)
    (tmp_path / "LR_x4" / "alone.png").unlink()
    (tmp_path / "LR_x4" / "broken_lr.png").write_bytes((tmp_path / "LR_x4" / "good.png").read_bytes()[:200])
    for part in ("HR", "LR_x4"):
        (tmp_path / part / "._good.png").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X        ")
    save(tmp_path / "HR" / "small.png", 12, 12)
    save(tmp_path / "LR_x4" / "small.png", 3, 3)
    checked = check_pairs(list_pairs(tmp_path))
    needs = "the colour error needs 16, SSIM needs 20, LPIPS needs 32"
    assert [pair.name for pair in checked.usable] == ["good"]
    assert {name: re.split(r" \(|;", why)[0] for name, why in checked.left_out.items()} == {
        "._good": "HR/._good.png: This file is not an image that can be read here",
        "alone": f"HR/alone.png has no LR image in {tmp_path / 'LR_x4'}",
        "broken_lr": "LR_x4/broken_lr.png: This image file is damaged or incomplete",
        "no_quarter": "LR_x4/no_quarter.png is not a quarter of HR/no_quarter.png: 12 x 9 and 48 x 48 pixels",
        "small": f"HR/small.png: 12 x 12 pixels are too few: {needs} a side",
    }


def test_an_image_one_pixel_wide_is_too_small_for_every_metric(tmp_path: Path) -> None:
    save(tmp_path / "w1.png", 64, 1)
    save(tmp_path / "flat.png", 31, 64)
    left_out = check_pairs(list_pairs(tmp_path)).left_out
    assert left_out["w1"].startswith("w1.png: 1 x 64 pixels are too few")
    assert all(metric in left_out["w1"] for metric in SMALLEST)
    assert left_out["flat"] == "flat.png: 64 x 31 pixels are too few: LPIPS needs 32 a side"


def test_the_smallest_sides_are_those_that_the_metrics_take() -> None:
    metrics = {
        "PSNR": lambda a, b: psnr(a, b, crop_border=4),
        "SSIM": lambda a, b: ssim(a, b, crop_border=4),
        "LPIPS": lpips,
        "ICOO": icoo,
        "the colour error": colour_error,
    }
    assert metrics.keys() == SMALLEST.keys()
    for name, metric in metrics.items():
        least = SMALLEST[name]
        small, enough = torch.rand(1, 3, least - 4, 64), torch.rand(1, 3, least, 64)
        with pytest.raises(ValueError, match=r"least|patch_size"):
            metric(small, small)
        try:
            metric(enough, enough)
        except LPIPSUnavailableError:
            assert name == "LPIPS"
    score(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32))


def test_what_decoding_changed_is_told_once_with_a_count(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("RGBA", (48, 48), (9, 9, 9, 100)).save(tmp_path / f"{number}.png")
    save(tmp_path / "plain.png")
    assert check_pairs(list_pairs(tmp_path)).notes == ["0.png and 2 more: Transparent areas are shown on white."]
