import gc

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.inference import PlainRRDB
from decloss.models import EDSR, Bicubic, RRDBNet
from decloss.models.rrdb import convolve_enlarged


@pytest.mark.parametrize("model", [EDSR(8, 2), RRDBNet(8, 1, 4), Bicubic()], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("shape", [(1, 3, 9, 9), (2, 3, 12, 7)])
def test_a_network_enlarges_four_times(model: torch.nn.Module, shape: tuple[int, ...]) -> None:
    batch, _, height, width = shape
    assert model(torch.rand(shape)).shape == (batch, 3, 4 * height, 4 * width)


def test_sizes_match_the_published_parameter_counts() -> None:
    def parameters(model: torch.nn.Module) -> int:
        return sum(p.numel() for p in model.parameters())

    assert parameters(EDSR()) == 1_517_571  # EDSR baseline x4: 1.52 M
    assert parameters(EDSR(256, 32, 0.1)) == 43_089_923  # EDSR x4: 43.1 M
    assert parameters(RRDBNet()) == 16_697_987  # ESRGAN: 16.7 M


@pytest.mark.parametrize("model", [EDSR(6, 3), RRDBNet(6, 1, 4), Bicubic()], ids=lambda model: type(model).__name__)
def test_the_receptive_radius_is_an_upper_bound_and_is_nearly_reached(model: torch.nn.Module) -> None:
    """Tiles rely on it: the gradient of one LR pixel's block must vanish outside the radius."""
    model = model.double().eval()
    radius = int(model.receptive_radius)
    side, centre = 2 * radius + 9, radius + 4
    # Leaky negative slopes and biases keep every path alive; relu would hide the outermost pixels at random.
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, 0.01, 0.1)
    lr = torch.rand(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    model(lr)[..., 4 * centre : 4 * centre + 4, 4 * centre : 4 * centre + 4].sum().backward()
    assert lr.grad is not None
    touched = lr.grad.abs().sum(dim=(0, 1)).nonzero()
    reach = int((touched - centre).abs().max())
    assert radius - 1 <= reach <= radius


@pytest.mark.parametrize("arguments", [{"features": 0}, {"blocks": 0}, {"residual_scale": float("nan")}])
def test_edsr_refuses_impossible_sizes(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(arguments.values())))):
        EDSR(**arguments)  # type: ignore[arg-type]


def test_rrdb_refuses_impossible_sizes() -> None:
    with pytest.raises(ValueError, match="0"):
        RRDBNet(growth=0)


def small_rrdb(dtype: torch.dtype = torch.float64) -> RRDBNet:
    """One whose weights and biases are all large enough that each of them is seen in the output."""
    torch.manual_seed(0)
    model = RRDBNet(8, 2, 4).to(dtype)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return model


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (1, 3, 1, 6), (1, 3, 9, 2), (3, 3, 7, 12)])
def test_rrdb_computes_what_it_does_when_written_plainly(shape: tuple[int, ...]) -> None:
    for dtype, most in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
        model = small_rrdb(dtype)
        lr = torch.rand(shape, dtype=dtype)
        plain = PlainRRDB(model)(lr)
        assert plain.std() > 0.05  # there is something to be equal to
        for given in (lr, lr.to(memory_format=torch.channels_last)):
            assert (model(given) - plain).abs().max() <= most
        with torch.inference_mode():
            assert (model(lr) - plain).abs().max() <= most


def test_the_gradients_of_rrdb_are_those_of_it_written_plainly() -> None:
    model = small_rrdb()
    lr = torch.rand(2, 3, 5, 4, dtype=torch.float64, requires_grad=True)
    named = {"lr": lr, **dict(model.named_parameters())}
    pull = torch.randn(2, 3, 20, 16, dtype=torch.float64)
    ours, plain = (
        torch.autograd.grad((network(lr) * pull).sum(), list(named.values())) for network in (model, PlainRRDB(model))
    )
    for name, one, other in zip(named, ours, plain, strict=True):
        assert other.abs().max() > 0, name
        assert (one - other).abs().max() <= 1e-12 * other.abs().max(), name


def test_every_weight_of_an_enlarging_convolution_reaches_the_pixels_that_it_should() -> None:
    """Weight by weight, from a picture with no symmetry, so that no two mistakes can cancel each other."""
    torch.manual_seed(0)
    x = torch.randn(1, 2, 3, 4, dtype=torch.float64)
    enlarged = F.interpolate(x, scale_factor=2, mode="nearest")
    for place in range(2 * 3 * 3 * 3):
        conv = nn.Conv2d(2, 3, kernel_size=3, padding=1).double()
        conv.weight.data.zero_().view(-1)[place] = 1
        assert (convolve_enlarged(x, conv) - conv(enlarged)).abs().max() <= 1e-14, place


@pytest.mark.parametrize(("kind", "block"), [("EDSR", "edsr.ResidualBlock"), ("RRDBNet", "rrdb.RRDB")])
def test_a_network_can_be_built_while_another_thread_looks_at_all_objects(
    kind: str, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ZeroGPU's client does as the app starts, and Python then refuses to finish a tuple that is under way."""
    looked: list[object] = []

    def looking(*sizes: object) -> torch.nn.Module:
        looked.append(gc.get_objects())
        return torch.nn.Identity()

    monkeypatch.setattr(f"decloss.models.{block}", looking)
    assert len({"EDSR": EDSR, "RRDBNet": RRDBNet}[kind](8, 2).body) == len(looked) == 2
