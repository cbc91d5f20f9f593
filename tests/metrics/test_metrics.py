"""PSNR and SSIM against torchmetrics, LPIPS against its published example, the colour error against a loop."""

import importlib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import torch
from skimage.metrics import structural_similarity
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from decloss.files.images import decode_photo
from decloss.metrics import LPIPSUnavailableError, colour_error, lpips, lpips_map, psnr, ssim
from decloss.metrics.protocol import luma
from decloss.pixels import to_tensor

lpips_module = importlib.import_module("decloss.metrics.lpips")


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    hr = torch.rand(3, 3, 40, 52, dtype=torch.float64)
    return (hr + 0.1 * torch.randn_like(hr)).clamp(0, 1), hr


@pytest.mark.parametrize("y_channel", [True, False])
@pytest.mark.parametrize("border", [0, 4])
def test_psnr_and_ssim_agree_with_torchmetrics(
    pair: tuple[torch.Tensor, torch.Tensor], y_channel: bool, border: int
) -> None:
    sr, hr = pair
    inner = (..., slice(border, 40 - border), slice(border, 52 - border))
    a, b = (luma(image)[inner] if y_channel else image[inner] for image in pair)
    expected = peak_signal_noise_ratio(a, b, data_range=1.0, reduction="none", dim=(1, 2, 3))
    torch.testing.assert_close(psnr(sr, hr, crop_border=border, y_channel=y_channel), expected)
    _, full = structural_similarity_index_measure(
        a, b, data_range=1.0, kernel_size=11, sigma=1.5, return_full_image=True
    )
    # torchmetrics mirrors the image at its border; the authors, and we, use only windows that fit.
    expected = full[..., 5:-5, 5:-5].mean(dim=(1, 2, 3))
    torch.testing.assert_close(ssim(sr, hr, crop_border=border, y_channel=y_channel), expected, atol=1e-9, rtol=0)


def test_ssim_agrees_with_scikit_image(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    for i, value in enumerate(ssim(*pair, y_channel=False, crop_border=0)):
        a, b = (image[i].permute(1, 2, 0).numpy() for image in pair)
        assert value.item() == pytest.approx(structural_similarity(a, b, channel_axis=2, **options), abs=1e-12)


def test_luma_is_bt601_studio_swing() -> None:
    colours = torch.tensor([[0.0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0]]).view(4, 3, 1, 1)
    # MATLAB: rgb2ycbcr([0 0 0; 1 1 1; 1 0 0; 0 1 0]) * 255, first column.
    expected = torch.tensor([16.0, 235.0, 81.481, 144.553])
    torch.testing.assert_close(luma(colours).flatten() * 255, expected, atol=1e-3, rtol=0)


def test_equal_images_have_infinite_psnr_and_ssim_one() -> None:
    image = torch.rand(1, 3, 32, 32)
    assert psnr(image, image).item() == float("inf")
    assert ssim(image, image).item() == pytest.approx(1, abs=1e-12)


def test_a_known_error_has_a_known_psnr() -> None:
    hr = torch.full((1, 3, 20, 20), 0.5)
    assert psnr(hr + 0.1, hr, y_channel=False).item() == pytest.approx(20.0, abs=1e-4)


@pytest.mark.parametrize("metric", [psnr, ssim, lpips])
def test_shapes_that_do_not_fit_are_refused_with_their_values(metric) -> None:
    with pytest.raises(ValueError, match=r"\(1, 3, 64, 64\).*\(1, 3, 64, 60\)"):
        metric(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 60))
    with pytest.raises(ValueError, match=r"\(1, 3, 8, 8\)"):
        metric(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8), crop_border=4)


def test_lpips_reproduces_the_published_example(data: Path, data_backbones: Path) -> None:
    folder = data / "lpips_check"
    reference, far, near = (
        to_tensor(decode_photo(folder / f"{name}.png").pixels) for name in ("ex_ref", "ex_p0", "ex_p1")
    )
    assert lpips(far, reference).item() == pytest.approx(0.722, abs=5e-4)
    assert lpips(near, reference).item() == pytest.approx(0.138, abs=5e-4)
    assert lpips(reference, reference).item() == 0
    assert lpips(far, reference, net="squeeze").item() > lpips(near, reference, net="squeeze").item()


@pytest.mark.parametrize("size", [(40, 52), (33, 200), (97, 64)])
def test_the_mean_of_the_map_is_lpips_and_it_is_the_packages_map(data_backbones: Path, size: tuple[int, int]) -> None:
    hr = torch.rand(2, 3, *size)
    sr = hr.clone()
    sr[..., : size[0] // 2, : size[1] // 3] *= 0.5
    found = lpips_map(sr, hr)
    assert found.shape == (2, *size) and found.min() >= 0
    torch.testing.assert_close(found.mean(dim=(1, 2)), lpips(sr, hr), rtol=1e-5, atol=0)
    assert found[:, : size[0] // 2, : size[1] // 3].mean() > 2 * found[:, -4:, -4:].mean()  # it shows where
    package = lpips_module._network("alex")
    package.spatial = True
    with torch.inference_mode():
        theirs = package(sr * 2 - 1, hr * 2 - 1)[:, 0]
    torch.testing.assert_close(found, theirs, rtol=2e-2, atol=1e-6)
    assert lpips_map(hr, hr).max() == 0
    if min(size) > 36:
        assert lpips_map(sr, hr, crop_border=2).shape == (2, size[0] - 4, size[1] - 4)


def test_offline_without_weights_lpips_says_why_and_does_not_wait_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_lpips_cached
) -> None:
    monkeypatch.delenv("DECLOSS_BACKBONES", raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    calls = []

    def refuse(*arguments: object, **options: object) -> None:
        calls.append(arguments)
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    image = torch.rand(1, 3, 64, 64)
    for _ in range(2):
        with pytest.raises(LPIPSUnavailableError, match=r"offline.*DECLOSS_BACKBONES"):
            lpips(image, image)
    assert len(calls) == 1


def test_lpips_uses_what_torchvision_has_downloaded(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_lpips_cached
) -> None:
    """A connected machine: the file is in torchvision's cache, with the classifier that LPIPS does not need."""
    from safetensors.torch import load_file
    from torchvision.models import AlexNet_Weights

    monkeypatch.delenv("DECLOSS_BACKBONES", raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    state = load_file(data / "backbones" / "alexnet_features.safetensors")
    (tmp_path / "checkpoints").mkdir()
    name = AlexNet_Weights.DEFAULT.url.rsplit("/", 1)[1]
    torch.save({**state, "classifier.1.weight": torch.zeros(1)}, tmp_path / "checkpoints" / name)
    image = torch.rand(1, 3, 64, 64)
    assert lpips(image, (image + 0.2).clamp(0, 1)).item() > 0


def test_a_damaged_backbone_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_lpips_cached) -> None:
    (tmp_path / "alexnet_features.safetensors").write_bytes(b"not a file of weights")
    monkeypatch.setenv("DECLOSS_BACKBONES", str(tmp_path))
    with pytest.raises(LPIPSUnavailableError, match=r"alexnet_features\.safetensors"):
        lpips(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64))


def test_another_lpips_net_is_refused() -> None:
    with pytest.raises(ValueError, match="vgg"):
        lpips(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64), net="vgg")


def test_the_colour_error_is_the_mean_difference_of_the_boxes_means() -> None:
    sr, hr = torch.rand(2, 3, 40, 53), torch.rand(2, 3, 40, 53)
    for image, value in enumerate(colour_error(sr, hr)):
        differences = []
        for channel in range(3):
            for top in range(0, 40 - 15, 16):
                for left in range(0, 53 - 15, 16):
                    a, b = (x[image, channel, top : top + 16, left : left + 16].double().mean() for x in (sr, hr))
                    differences.append(255 * abs((a - b).item()))
        assert len(differences) == 3 * 2 * 3
        assert value.item() == pytest.approx(sum(differences) / len(differences), abs=1e-9)


def test_the_colour_error_counts_a_cast_in_levels_and_forgives_texture() -> None:
    hr = torch.rand(1, 3, 32, 32) * 0.5 + 0.25
    assert colour_error(hr + 3 / 255, hr).item() == pytest.approx(3, abs=1e-3)
    stripes = torch.tensor([0.1, -0.1]).repeat(16)
    assert colour_error(hr + stripes, hr).item() == pytest.approx(0, abs=1e-3)


def test_the_colour_error_refuses_what_has_no_box() -> None:
    with pytest.raises(ValueError, match=r"16 pixels a side, got \(1, 3, 15, 40\)"):
        colour_error(torch.rand(1, 3, 15, 40), torch.rand(1, 3, 15, 40))
    with pytest.raises(ValueError, match=r"\(1, 3, 64, 64\).*\(1, 3, 64, 60\)"):
        colour_error(torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 60))
