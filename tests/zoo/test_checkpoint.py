import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import decloss
from decloss.evaluation.scores import evaluate, list_pairs, mean_scores
from decloss.models import EDSR, RRDBNet
from decloss.results.stored import load_stored
from decloss.zoo.checkpoint import CheckpointError, load_checkpoint_file, save_checkpoint
from decloss.zoo.registry import SHARPENED, TABLE_1_NAMES, Zoo, default_zoo, sharpened, shipped_folder

CARD = {"training": [{"recipe": "test", "step": 3, "seconds": 1}], "metrics": {}}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    save_checkpoint(EDSR(8, 1), path, CARD)
    return path


@pytest.mark.parametrize("model", [EDSR(8, 2, 0.5), RRDBNet(8, 1, 4)], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path, model: torch.nn.Module, dtype: torch.dtype) -> None:
    path = tmp_path / "network.safetensors"
    save_checkpoint(model, path, CARD, dtype)
    loaded = decloss.load_checkpoint(path)
    assert type(loaded) is type(model) and loaded.architecture == model.architecture
    for key, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], value.to(dtype).float()), key
    assert not loaded.training
    assert loaded.card["training"] == CARD["training"]
    assert loaded.card["parameters"] == sum(p.numel() for p in model.parameters())
    assert loaded.card["weights"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.999])
def test_a_truncated_file_is_named(saved: Path, share: float) -> None:
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointError, match=r"small\.safetensors.*truncated"):
        decloss.load_checkpoint(saved)


class Bomb:
    """Would leave a file behind if it were unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


def test_a_pickle_is_refused_and_never_run(saved: Path, tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    saved.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(CheckpointError, match=r"small\.safetensors"):
        decloss.load_checkpoint(saved)
    torch.save({"weights": Bomb(trace)}, saved)
    with pytest.raises(CheckpointError, match=r"small\.safetensors"):
        decloss.load_checkpoint(saved)
    assert not trace.exists()


def test_foreign_weights_are_refused(saved: Path) -> None:
    save_file({"conv.weight": torch.zeros(3)}, saved)
    with pytest.raises(CheckpointError, match=r"small\.safetensors does not fit"):
        decloss.load_checkpoint(saved)


def test_a_flipped_bit_is_noticed(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[-3] ^= 1
    saved.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"small\.safetensors.*SHA-256"):
        decloss.load_checkpoint(saved)


def test_weights_that_are_not_finite_are_refused(saved: Path) -> None:
    state = load_file(saved)
    state["tail.bias"][1] = float("nan")
    save_file(state, saved)
    with pytest.raises(CheckpointError, match="not finite"):
        decloss.load_checkpoint(saved)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a DECLoss card"),
        (b'{"format": 2, "architecture": {}}', "format 1"),
        (b'{"format": 1, "architecture": {"type": "Sequential"}}', "Sequential"),
        (b'{"format": 1, "architecture": {"type": ["EDSR"]}}', "EDSR"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "features": 1000000}}', "up to"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "features": "64"}}', "not numbers"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "features": 8.5, "blocks": 1}}', "not accept"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "features": -8}}', "at least 1"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "width": 8}}', "width"),
        (b'{"format": 1, "architecture": {"type": "RRDBNet", "features": 1024, "blocks": 64}}', "more than a file"),
        (b'{"format": 1, "architecture": {"type": "EDSR"}, "training": {}}', "'training' that is not a list"),
        (b'{"format": 1, "architecture": {"type": "EDSR", "residual_scale": NaN}}', "NaN is not a number"),
        (b" " * (2**20 + 1), "too large"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_card_is_named(saved: Path, content: bytes, message: str) -> None:
    saved.with_suffix(".json").write_bytes(content)
    with pytest.raises(CheckpointError, match=message) as error:
        decloss.load_checkpoint(saved)
    assert "small.json" in str(error.value)


def test_missing_files_are_named(saved: Path) -> None:
    with pytest.raises(CheckpointError, match=r"absent\.safetensors does not exist"):
        decloss.load_checkpoint(saved.with_name("absent.safetensors"))
    saved.unlink()
    with pytest.raises(CheckpointError, match=r"small\.safetensors cannot be read"):
        decloss.load_checkpoint(saved)


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(CheckpointError, match=r"'edsr-l9'.*bicubic, edsr-l1"):
        decloss.load_checkpoint("edsr-l9")


def test_saving_refuses_what_could_not_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"weights\.pth"):
        save_checkpoint(EDSR(8, 1), tmp_path / "weights.pth", CARD)
    with pytest.raises(ValueError, match="Linear"):
        save_checkpoint(torch.nn.Linear(1, 1), tmp_path / "weights.safetensors", CARD)


def test_the_zoo_lists_table_1_first_and_tells_equal_names_apart(tmp_path: Path) -> None:
    for name in ("another", "rrdb-l1-vgg-dec", "edsr-l1", SHARPENED):
        save_checkpoint(EDSR(8, 1), tmp_path / f"{name}.safetensors", CARD)
    (tmp_path / "without-card.safetensors").write_bytes(b"")
    zoo = default_zoo(tmp_path)
    names = list(zoo.paths())
    assert names[0] == "edsr-l1" and "another" in names and "rrdb-l1-vgg-dec" in names
    assert "without-card" not in names
    assert zoo.paths()["edsr-l1"].parent == shipped_folder()
    assert zoo.paths()[f"edsr-l1 ({tmp_path.name})"].parent == tmp_path
    taken = f"{SHARPENED} ({tmp_path.name})"  # the name is that of the sharpened twin
    assert list(Zoo((tmp_path,)).paths()) == ["edsr-l1", "rrdb-l1-vgg-dec", "another", taken]
    with pytest.raises(ValueError, match="no such folder"):
        default_zoo(tmp_path / "absent")


def test_no_checkpoint_is_lost_for_its_name(tmp_path: Path) -> None:
    folders = tuple(tmp_path / side / "run" for side in "abc")
    for folder in folders:
        folder.mkdir(parents=True)
        for suffix in (".safetensors", ".json"):
            shutil.copy(shipped_folder() / f"edsr-l1{suffix}", folder)
    found = Zoo(folders).paths()
    assert found == {
        name: folder / "edsr-l1.safetensors"
        for name, folder in zip(("edsr-l1", "edsr-l1 (run)", "edsr-l1 (run 2)"), folders, strict=True)
    }


def test_bicubic_is_accepted_as_a_name() -> None:
    model = decloss.load_checkpoint("bicubic")
    assert model.card["parameters"] == 0
    lr = torch.rand(1, 3, 9, 8)
    torch.testing.assert_close(decloss.upscale(model, lr), decloss.bicubic_upscale(lr).clamp(0, 1))


def test_the_sharpened_twin_has_a_name_and_a_card_of_its_own() -> None:
    zoo, plain = default_zoo(), decloss.load_checkpoint("edsr-l1")
    twin = decloss.load_checkpoint("edsr-l1-sharpened")
    assert twin.card == zoo.card("edsr-l1-sharpened") and twin.card["name"] == "edsr-l1-sharpened"
    assert twin.card["training"] == plain.card["training"] and twin.card["parameters"] == plain.card["parameters"]
    assert twin.card["sharpening"] == {"amount": 1.0, "sigma": 0.8} and twin.card["metrics"] == {}
    digests = [card["weights"]["sha256"] for card in (plain.card, twin.card, sharpened(plain, 0.6).card)]
    assert len(set(digests)) == 3
    assert "edsr-l1-sharpened" not in decloss.available_checkpoints()


@pytest.mark.parametrize("name", decloss.available_checkpoints())
def test_a_shipped_checkpoint_is_whole_and_says_where_it_comes_from(name: str) -> None:
    path = shipped_folder() / f"{name}.safetensors"
    model = load_checkpoint_file(path)
    card = model.card
    assert name in TABLE_1_NAMES and card["name"] == name
    assert path.stat().st_size < 10 * 2**20
    assert card["weights"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    for stage in card["training"]:
        assert stage["seconds"] > 0 and stage["step"] > 0 and stage["commit"] and stage["hardware"]
        assert stage["data"]["photos"] > 0 and not stage["commit"].endswith("-dirty")
    assert card["metrics"], "run: python -m decloss evaluate --models NAME --data DIR --record"
    json.dumps(card, allow_nan=False)


def test_edsr_l1_is_shipped_and_reaches_its_psnr_on_bsd100(data: Path) -> None:
    """Measured anew on every twentieth image; on all of them in docs/results, whose scores these must be."""
    model = decloss.load_checkpoint("edsr-l1")
    assert model.architecture["features"] == 64 and model.architecture["blocks"] == 16
    stored = load_stored().evaluations["BSD100"].rows["edsr-l1"]
    scores = list(evaluate(model, list_pairs(data / "benchmarks" / "BSD100")[::20]))
    for row, before in zip(scores, stored[::20], strict=True):
        assert row["image"] == before["image"]
        assert row["psnr_y"] == pytest.approx(before["psnr_y"], abs=0.01)
    psnr_y = mean_scores(stored)["psnr_y"]
    assert len(stored) == 100 and psnr_y is not None and psnr_y >= 26.6
    assert model.card["metrics"]["BSD100"]["psnr_y"] == pytest.approx(psnr_y, abs=0.01)
