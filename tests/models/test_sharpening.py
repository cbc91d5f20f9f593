"""The unsharp mask against scikit-image, and the tables of sharpened twins."""

import numpy as np
import pytest
import torch
from skimage.filters import unsharp_mask as reference

from benchmarks.twins import averaged, claims_table
from decloss.inference.upscaling import upscale
from decloss.models import EDSR
from decloss.models.sharpening import Sharpened, unsharp_mask
from decloss.pixels import quantize


def test_the_unsharp_mask_is_that_of_scikit_image() -> None:
    images = torch.rand(2, 3, 24, 31, dtype=torch.float64)
    for amount in (0.0, 0.6, 1.5):
        found = unsharp_mask(images, amount)
        for image, sharpened in zip(images, found, strict=True):
            expected = reference(image.permute(1, 2, 0).numpy(), 0.8, amount, channel_axis=2)
            inner = (slice(3, -3), slice(3, -3))  # borders are mirrored about another line there
            np.testing.assert_allclose(sharpened.permute(1, 2, 0).numpy()[inner], expected[inner], atol=1e-9)
    assert torch.equal(unsharp_mask(images, 0.0), images)


@pytest.mark.parametrize(("amount", "sigma"), [(-0.1, 0.8), (float("nan"), 0.8), (1.0, 0.0)])
def test_an_amount_or_a_sigma_without_meaning_is_refused(amount: float, sigma: float) -> None:
    with pytest.raises(ValueError, match=f"got {amount} and {sigma}"):
        unsharp_mask(torch.rand(1, 3, 16, 16), amount, sigma)


def test_images_too_small_for_the_blur_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sides above 3, got \(1, 3, 3, 16\)"):
        unsharp_mask(torch.rand(1, 3, 3, 16), 1.0)


def test_a_sharpened_network_sharpens_its_8_bit_picture_also_tile_by_tile() -> None:
    torch.manual_seed(0)
    network, lr = EDSR(features=4, blocks=1).eval(), torch.rand(1, 3, 21, 30)
    twin = Sharpened(network, 1.7).eval()
    expected = unsharp_mask(quantize(upscale(network, lr, precision="float32")), 1.7)
    torch.testing.assert_close(upscale(twin, lr, precision="float32"), expected, atol=1e-6, rtol=0)
    # The last bit of a convolution hangs on the size of its input, and can move a value to the next of 256 levels.
    difference = (upscale(twin, lr, tile=8, precision="float32") - expected).abs()
    assert difference.max() < 5 / 255 and (difference > 1e-6).float().mean() < 1e-3
    assert not torch.equal(expected, quantize(upscale(network, lr, precision="float32")))


@pytest.mark.parametrize("amount", [-0.1, float("nan"), float("inf")])
def test_a_network_is_sharpened_by_a_finite_amount(amount: float) -> None:
    with pytest.raises(ValueError, match=f"finite and not negative, got {amount}"):
        Sharpened(EDSR(features=4, blocks=1), amount)


def twins(start: float, lpips: float) -> dict[str, dict[str, list[float]]]:
    """Six images; each unit of sharpening costs 0.4 dB and lowers LPIPS by 0.05."""
    found = {}
    for amount in ("0", "1", "2"):
        psnr_y = [start + apart - 0.4 * int(amount) for apart in (3, -3, 2, -2, 1, -1)]
        values = [lpips + apart - 0.05 * int(amount) for apart in (0, 0.1, 0, 0.1, 0, 0.1)]
        found[amount] = {"psnr_y": psnr_y, "lpips": values, "colour_error": [0.3, 0.5] * 3}
    return found


def test_a_claim_says_at_which_psnr_both_were_compared_and_which_could_not_be() -> None:
    better = twins(28.0 - 0.2, 0.3 - 0.045)
    table = claims_table({"a": better, "b": twins(28.0, 0.3), "c": twins(25.0, 0.1)}, {"a": "b", "c": "b", "d": "a"})
    assert "| a, less b | 27.70 | -0.0200 | -0.0200 .. -0.0200 | lower |" in table
    assert "| c, less b | | | | no sharpening" in table and "| d" not in table


def test_runs_with_other_seeds_are_averaged_image_by_image() -> None:
    mean = averaged([twins(28.0, 0.3), twins(27.0, 0.2)])
    assert mean["1"]["lpips"][:2] == pytest.approx([0.2, 0.3]) and mean["2"]["psnr_y"][:2] == pytest.approx(
        [29.7, 23.7]
    )
