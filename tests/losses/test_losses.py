"""The terms of Eq. (26): perceptual, adversarial, and their weighted sum, against independent implementations."""

import functools
import math
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import torchvision
from conftest import run_python
from safetensors.torch import save_file
from torch import Tensor, nn

from decloss.dec import DECLoss
from decloss.losses import LossSettings, Objective, PerceptualLoss
from decloss.losses.adversarial import Adversary
from decloss.models import trunks
from decloss.models.backbones import BackboneUnavailableError
from decloss.models.discriminator import Discriminator
from decloss.training.config import RECIPES, TABLE_1


@functools.cache
def random_trunk(name: str) -> nn.Module:
    """torchvision's network of that name with random weights; made once, since it takes seconds."""
    return getattr(torchvision.models, name)(weights=None).eval()


@pytest.fixture
def random_trunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks with random weights stand in for the pretrained ones."""
    monkeypatch.setattr(trunks, "load_trunk", lambda name: random_trunk(name).state_dict())


@pytest.mark.parametrize(
    ("name", "layers", "kind", "channels"),
    [("vgg19", 35, "Conv2d", 512), ("vgg16", 9, "ReLU", 128), ("squeezenet1_1", 5, "Fire", 128)],
)
def test_features_are_torchvisions_at_the_named_layer(name, layers, kind, channels, random_trunks) -> None:
    images = torch.rand(2, 3, 64, 48)
    features = random_trunk(name).features[:layers]
    assert type(features[-1]).__name__ == kind  # conv5_4 before its activation, relu2_2 after
    normalise = torchvision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    expected = features(normalise(images))
    assert expected.shape[1] == channels
    torch.testing.assert_close(trunks.build_trunk(name)(images), expected)


def test_the_perceptual_loss_is_the_mean_squared_distance_of_features(random_trunks) -> None:
    sr, hr = torch.rand(2, 2, 3, 32, 32)
    loss = PerceptualLoss("vgg16")
    leaf, target = sr.clone().requires_grad_(), hr.clone().requires_grad_()
    value = loss(leaf, target)
    value.backward()
    torch.testing.assert_close(value, F.mse_loss(loss.trunk(sr), loss.trunk(hr)))
    assert leaf.grad is not None and leaf.grad.abs().sum() > 0 and target.grad is None
    assert loss(hr, hr) == 0 and not any(p.requires_grad for p in loss.parameters())


@pytest.mark.parametrize("name", ["vgg16", "squeezenet1_1"])
def test_the_pretrained_trunks_load_from_a_folder(name: str, data_backbones: Path) -> None:
    loss = PerceptualLoss(name)
    hr = torch.rand(1, 3, 64, 64)
    assert 0 < loss((hr + 0.01).clamp(0, 1), hr) < loss(hr.flip(2), hr)


def test_without_torchvision_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)  # importing it then fails as where it is not installed
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    monkeypatch.delenv("DECLOSS_BACKBONES", raising=False)
    with pytest.raises(BackboneUnavailableError, match="pip install torchvision; set DECLOSS_BACKBONES to a folder"):
        PerceptualLoss("vgg16")


@pytest.mark.parametrize("change", ["shape", "missing"])
def test_a_file_that_does_not_fit_the_trunk_is_refused_in_a_sentence(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = {key: value.clone() for key, value in trunks.Trunk(trunks.TRUNKS["vgg16"]()).state_dict().items()}
    if change == "shape":
        weights["features.2.bias"] = torch.zeros(3)
    else:
        del weights["features.2.bias"]
    save_file(weights, tmp_path / "vgg16_features.safetensors")
    monkeypatch.setenv("DECLOSS_BACKBONES", str(tmp_path))
    with pytest.raises(BackboneUnavailableError, match=r"vgg16 lack features\.2\.bias of the shape \(64,\)"):
        PerceptualLoss("vgg16")


def test_a_missing_trunk_is_one_sentence_with_what_to_do(photo_folder: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(photo_folder), "--out", str(tmp_path / "run"), "--recipe", "edsr-l1-vgg", "--crop", "8"]
    missing = {"DECLOSS_BACKBONES": str(tmp_path), "TORCH_HOME": str(tmp_path), "http_proxy": "http://127.0.0.1:9"}
    missing["https_proxy"] = missing["http_proxy"]  # nobody answers there: offline
    result = run_python("-m", "decloss", "train", *arguments, **missing)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert "has no vgg19_features.safetensors; other trunks are vgg16, squeezenet1_1" in result.stderr


def test_an_unknown_trunk_is_refused() -> None:
    with pytest.raises(ValueError, match="resnet"):
        PerceptualLoss("resnet")


def test_the_discriminator_halves_five_times_and_gives_one_logit() -> None:
    network = Discriminator(192)
    assert sum(isinstance(layer, nn.Conv2d) for layer in network.features) == 10
    with torch.no_grad():
        assert network(torch.rand(2, 3, 192, 192)).shape == (2, 1)
    with pytest.raises(ValueError, match=r"192 x 192.*160"):
        network(torch.rand(2, 3, 160, 160))
    with pytest.raises(ValueError, match="one image of 32 x 32"):
        Discriminator(32, features=4)(torch.rand(1, 3, 32, 32))
    for size in (0, 48, 200):
        with pytest.raises(ValueError, match=f"multiples of 32, got {size}"):
            Discriminator(size)


def logits(adversary: Adversary, sr: Tensor, hr: Tensor) -> tuple[Tensor, Tensor]:
    return adversary.discriminator(sr).detach(), adversary.discriminator(hr).detach()


def test_gan_and_ragan_are_srgans_and_esrgans() -> None:
    sr, hr = torch.rand(2, 3, 3, 32, 32)
    for kind in ("gan", "ragan"):
        adversary = Adversary(kind, 32, features=4).eval()
        fake, real = logits(adversary, sr, hr)
        ones, zeros = torch.ones_like(fake), torch.zeros_like(fake)
        bce = F.binary_cross_entropy_with_logits
        if kind == "gan":  # Ledig et al., Eq. (6), and Goodfellow's discriminator
            generator, discriminator = bce(fake, ones), bce(real, ones) + bce(fake, zeros)
        else:  # Wang et al., Eq. (1) and (2), the mean of both halves as in their code
            generator = (bce(real - fake.mean(), zeros) + bce(fake - real.mean(), ones)) / 2
            discriminator = (bce(real - fake.mean(), ones) + bce(fake - real.mean(), zeros)) / 2
        torch.testing.assert_close(adversary.generator_loss(sr, hr), generator)
        torch.testing.assert_close(adversary(sr, hr), discriminator)


@pytest.mark.parametrize("kind", ["gan", "ragan"])
def test_each_side_of_the_game_gets_its_own_gradient_only(kind: str) -> None:
    sr, hr = torch.rand(2, 3, 3, 32, 32)
    adversary = Adversary(kind, 32, features=4)
    leaf = sr.clone().requires_grad_()
    adversary.generator_loss(leaf, hr).backward()
    assert leaf.grad is not None and leaf.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in adversary.parameters())
    leaf.grad = None
    adversary(leaf, hr).backward()
    assert leaf.grad is None
    assert all(parameter.grad is not None for parameter in adversary.parameters())


def test_the_objective_is_the_weighted_sum_of_its_parts(random_trunks) -> None:
    settings = LossSettings(
        l1_weight=0.5, perceptual_weight=2.0, dec_weight=0.25, adversarial_weight=0.1, adversarial="ragan",
        trunk="squeezenet1_1", mu=8.0, eta=10.0,
    )  # fmt: skip
    objective = Objective(settings, 32).eval()
    sr, hr = torch.rand(2, 2, 3, 32, 32)
    total, parts = objective(sr.requires_grad_(), hr)
    assert list(parts) == ["l1", "perceptual", "dec", "adversarial"]
    weights = (0.5, 2.0, 0.25, 0.1)
    expected = sum(weight * part.item() for weight, part in zip(weights, parts.values(), strict=True))
    assert total.item() == pytest.approx(expected, rel=1e-5)
    assert total.requires_grad and not any(part.requires_grad for part in parts.values())
    assert parts["l1"] == F.l1_loss(sr, hr)
    torch.testing.assert_close(parts["dec"], DECLoss(mu=8.0, eta=10.0)(sr, hr).detach())


def test_terms_of_weight_zero_are_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trunks, "load_trunk", lambda name: pytest.fail("a trunk was asked for"))
    objective = Objective(LossSettings())
    assert not list(objective.parameters())
    assert list(objective(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8))[1]) == ["l1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"l1_weight": 0.0}, "every weight is zero"),
        ({"l1_weight": -1.0}, "l1_weight.*-1.0"),
        ({"dec_weight": math.nan}, "dec_weight.*nan"),
        ({"adversarial_weight": 0.1}, "0.1 does not go with adversarial 'none'"),
        ({"adversarial": "gan"}, "0.0 does not go with adversarial 'gan'"),
        ({"mu": 0.0}, "mu.*0.0"),
        ({"t_pos": -1.0}, "-1.0"),
        ({"positive_share": 1.0}, "positive_share.*1.0"),
        ({"patch_size": 0}, "patch_size.*0"),
    ],
)
def test_impossible_settings_are_refused_with_their_values(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LossSettings(**options)


def test_the_ten_recipes_are_the_rows_of_table_1() -> None:
    """network, L1, VGG, DECLoss, adversary; as the paper prints them, row by row."""
    rows = [
        (recipe.architecture["type"], s.perceptual_weight > 0, s.dec_weight > 0, s.adversarial)
        for recipe in TABLE_1.values()
        for s in [recipe.losses]
    ]
    assert rows == [
        ("EDSR", False, False, "none"),
        ("EDSR", False, True, "none"),
        ("EDSR", True, False, "none"),
        ("EDSR", True, False, "gan"),
        ("EDSR", True, False, "ragan"),
        ("EDSR", True, True, "none"),
        ("EDSR", True, True, "ragan"),
        ("RRDBNet", True, True, "none"),
        ("RRDBNet", True, False, "ragan"),
        ("RRDBNet", True, True, "ragan"),
    ]
    for name, recipe in RECIPES.items():
        schedule, losses = recipe.schedule, recipe.losses
        assert recipe.name == name and schedule.batch_size == 32 and schedule.crop == 48
        assert schedule.betas == (0.9, 0.999) and losses.patch_size == 8
        assert (losses.t_pos, losses.t_neg) == (0.5, 1.5)
        if recipe.init == "none":  # stage one
            assert (schedule.learning_rate, schedule.warmup, losses.l1_weight) == (1e-4, 0.025, 1.0)
        else:
            assert (schedule.learning_rate, schedule.warmup) == (2e-5, 0.0)
            assert losses.perceptual_weight in (0.0, 1.0)
            assert losses.l1_weight == (10.0 if "vgg" in name else 1e-2)
            assert losses.dec_weight == (0.0 if "dec" not in name else 1.0 if "vgg" in name else 1e-3)
            assert (losses.temperature, losses.positive_share) == ("inside", 0.01)  # docs/experiments.md
            assert RECIPES[recipe.init].architecture == recipe.architecture
