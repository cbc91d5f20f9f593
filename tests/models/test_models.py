import gc

import pytest
import torch

from decloss.models import EDSR, Bicubic, RRDBNet


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
