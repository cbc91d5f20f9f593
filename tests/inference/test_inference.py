import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from decloss import upscale
from decloss.host.steps import Steps
from decloss.inference.upscaling import MAX_OVERLAP, upscale_steps
from decloss.models import EDSR, Bicubic, RRDBNet, bicubic_upscale
from decloss.pixels import quantize, to_levels


@settings(max_examples=20, deadline=None)
@given(height=st.integers(1, 70), width=st.integers(1, 70), tile=st.integers(1, 40), seed=st.integers(0, 99))
def test_tiled_equals_untiled_on_any_size(height: int, width: int, tile: int, seed: int) -> None:
    torch.manual_seed(seed)
    model = EDSR(features=8, blocks=3).eval()
    lr = torch.rand(1, 3, height, width)
    whole = upscale(model, lr, tile=1000, precision="float32")
    assert (upscale(model, lr, tile=max(tile, 8), precision="float32") - whole).abs().max() <= 1e-4


@pytest.mark.parametrize("kind", [EDSR, RRDBNet])
def test_tiled_equals_untiled_at_shipped_depth_even_where_the_overlap_is_capped(kind: type[nn.Module]) -> None:
    model = EDSR(16, 16) if kind is EDSR else RRDBNet(16, 6, 8)
    # A trained network's signals, not a fresh one's near-zero residuals: otherwise any overlap would pass.
    for module in model.body.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=0.2)
            module.weight.data.mul_(0.6)
    nn.init.constant_(model.tail.bias, 0.5)  # in the middle of what is not clamped away
    model.tail.weight.data.mul_(3)
    model.eval()
    lr = torch.rand(1, 3, 40, 230)
    whole = upscale(model, lr, tile=1000, precision="float32")
    assert whole.std() > 0.01
    assert (upscale(model, lr, tile=64, precision="float32") - whole).abs().max() <= 1e-4


def test_lr_in_double_precision_is_taken() -> None:
    model, lr = EDSR(features=8, blocks=1).eval(), torch.rand(1, 3, 8, 8, dtype=torch.float64)
    assert torch.equal(upscale(model, lr, precision="float32"), upscale(model, lr.float(), precision="float32"))


def test_without_an_overlap_tiles_would_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail."""
    model = EDSR(features=8, blocks=3).eval()
    lr = torch.rand(1, 3, 40, 40)
    whole = upscale(model, lr, tile=1000, precision="float32")
    model.receptive_radius = 1
    assert (upscale(model, lr, tile=16, precision="float32") - whole).abs().max() > 1e-4


class Spy(nn.Module):
    """Bicubic that remembers how large its inputs were."""

    def __init__(self, radius: int) -> None:
        super().__init__()
        self.receptive_radius = radius
        self.pixels: list[int] = []

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        self.pixels.append(lr.shape[-2] * lr.shape[-1])
        return bicubic_upscale(lr)


@pytest.mark.parametrize("size", [(700, 900), (60, 5000), (2000, 300)])
def test_no_tile_grows_with_the_image(size: tuple[int, int]) -> None:
    spy = Spy(radius=36)
    upscale(spy, torch.rand(1, 3, *size))
    assert max(spy.pixels) <= (192 + 2 * MAX_OVERLAP) ** 2
    assert len(spy.pixels) > 1


def test_progress_ends_at_one_and_the_result_is_returned() -> None:
    steps = Steps(upscale_steps(Bicubic(), torch.rand(1, 3, 20, 30), tile=10))
    assert list(steps) == pytest.approx([i / 6 for i in range(1, 7)])
    assert steps.result.shape == (1, 3, 80, 120)


def test_the_result_is_clamped_float32_and_bfloat16_is_close() -> None:
    model = EDSR(features=16, blocks=4).eval()
    lr = torch.rand(1, 3, 24, 24)
    exact, fast = (upscale(model, lr, precision=precision) for precision in ("float32", "bfloat16"))
    assert exact.dtype == fast.dtype == torch.float32
    assert exact.min() >= 0 and exact.max() <= 1
    assert -10 * torch.log10((exact - fast).square().mean()) > 45
    assert not torch.equal(exact, fast)


def test_eight_bit_results_are_those_of_rounding_afterwards() -> None:
    model = EDSR(features=8, blocks=2).eval()
    lr = torch.rand(1, 3, 20, 24)
    levels = Steps(upscale_steps(model, lr, tile=10, precision="float32", eight_bit=True)).result
    assert levels.dtype == torch.uint8 and levels.shape == (1, 3, 80, 96)
    assert torch.equal(levels, to_levels(upscale(model, lr, tile=10, precision="float32")))
    values = torch.tensor([[-0.1, 0.5 / 255, 0.4999 / 255, 1.5 / 255, 254.5 / 255, 1.2]])
    assert torch.equal(to_levels(values), (quantize(values) * 255).round().byte())


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_float32_is_float32_on_every_device(device: str) -> None:
    """Not TF32, which would miss the 1e-4 that tiles promise."""
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    model = EDSR(features=32, blocks=4).eval()
    lr = torch.rand(1, 3, 40, 50)
    exact = model.double()(lr.double()).clamp(0, 1).float()
    model = model.float().to(device)
    for tile in (None, 24):
        assert (upscale(model, lr, tile=tile, precision="float32") - exact).abs().max() < 1e-5


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 1, 8, 8), (1, 3, 0, 8)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="B, 3, H, W"):
        upscale(Bicubic(), torch.rand(shape))


def test_bad_options_are_refused() -> None:
    lr = torch.rand(1, 3, 8, 8)
    with pytest.raises(ValueError, match="tile must be at least 1, got 0"):
        upscale(Bicubic(), lr, tile=0)
    with pytest.raises(ValueError, match="'half'"):
        upscale(Bicubic(), lr, precision="half")
    with pytest.raises(ValueError, match="uint8"):
        upscale(Bicubic(), (lr * 255).byte())
