"""Networks of other projects, measured by path."""

import os
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from conftest import run_python, sample_photo
from PIL import Image
from safetensors.torch import save_file
from spandrel.architectures.ESRGAN import ESRGAN
from uploads import as_upload

import decloss
from decloss.files.images import encode_png
from decloss.models import EDSR
from decloss.pixels import to_pixels, to_tensor
from decloss.ui.compare.callbacks import run_comparison
from decloss.ui.compare.controls import WITH_ORIGINAL, Controls
from decloss.ui.finetune.callbacks import starts
from decloss.ui.parts.controls import checked
from decloss.ui.parts.tab import Networks
from decloss.zoo.checkpoint import CheckpointError, save_checkpoint
from decloss.zoo.foreign import load_foreign
from decloss.zoo.registry import BICUBIC, default_zoo, load_trainable


def esrgan(scale: int = 4, channels: int = 3) -> torch.nn.Module:
    torch.manual_seed(0)
    return ESRGAN(in_nc=channels, out_nc=channels, num_filters=8, num_blocks=1, scale=scale).eval()


def save(network: torch.nn.Module, path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file(network.state_dict(), path)
    else:
        torch.save({"params_ema": network.state_dict()}, path)
    return path


@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".pt"])
def test_a_foreign_network_upscales_as_by_itself(suffix: str, tmp_path: Path) -> None:
    network = esrgan()
    model = decloss.load_checkpoint(save(network, tmp_path / f"theirs{suffix}"))
    lr = torch.rand(1, 3, 12, 17)
    with torch.inference_mode():
        expected = network(lr).clamp(0, 1)
    torch.testing.assert_close(decloss.upscale(model, lr, precision="float32"), expected, atol=1e-5, rtol=0)
    assert model.card["architecture"]["type"] == "ESRGAN" and model.card["parameters"] > 0


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_the_upscale_command_takes_it(suffix: str, tmp_path: Path) -> None:
    network, pixels = esrgan(), sample_photo(9, 14)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    files = [str(tmp_path / name) for name in ("in.png", "out.png", f"theirs{suffix}")]
    result = run_python("-m", "decloss", "upscale", *files[:2], "--model", str(save(network, Path(files[2]))))
    assert result.returncode == 0, result.stderr
    expected = to_pixels(network(to_tensor(pixels)).detach()).astype(int)
    assert abs(np.asarray(Image.open(files[1])) - expected).max() <= 2  # bfloat16, where there is


@pytest.mark.parametrize("name", ["theirs.safetensors", "theirs.pth", "bicubic", "edsr-l1-sharpened"])
def test_training_and_shipping_say_that_they_take_ours_only(name: str, tmp_path: Path, photo_folder: Path) -> None:
    ours = not name.startswith("theirs")
    given = name if ours else str(save(esrgan(), tmp_path / name))
    what = "no network" if ours else "a network of another project"
    with pytest.raises(CheckpointError, match=f"{given} is {what}.*: it can be measured and used, not trained further"):
        load_trainable(given)
    options = ["--data", str(photo_folder), "--out", str(tmp_path / "run"), "--crop", "8", "--steps", "1"]
    train, add = ["train", *options, "--init", given], ["zoo", "add", given]
    for command in (train,) if ours else (train, add):
        result = run_python("-m", "decloss", *command, DECLOSS_CACHE=str(tmp_path / "cache"))
        assert result.returncode == 2 and f"{given} is {what}" in result.stderr and "Traceback" not in result.stderr
    assert load_trainable("edsr-l1").card["name"] == "edsr-l1"
    with pytest.raises(CheckpointError, match=r"absent\.pth does not exist"):
        load_trainable(tmp_path / "absent.pth")


def test_zoo_list_tells_a_network_of_others_from_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(esrgan(), tmp_path / "theirs.safetensors")
    save_checkpoint(EDSR(8, 1), tmp_path / "ours.safetensors", {"training": [], "metrics": {}})
    monkeypatch.setattr("decloss.zoo.registry.shipped_folder", lambda: tmp_path)
    result = run_python("-m", "decloss", "zoo", "list")
    assert result.returncode == 0, result.stderr
    assert "theirs: ESRGAN, of another project\n" in result.stdout and "ours: " in result.stdout


def test_it_is_evaluated_by_path_beside_ours(tmp_path: Path) -> None:
    save_file(esrgan().state_dict(), tmp_path / "theirs.safetensors")
    (tmp_path / "photos").mkdir()
    Image.fromarray(sample_photo(64, 64)).save(tmp_path / "photos" / "a.png")
    theirs = str(tmp_path / "theirs.safetensors")
    arguments = ["--models", "bicubic", theirs, "--data", str(tmp_path / "photos"), "--record"]
    result = run_python("-m", "decloss", "evaluate", *arguments)
    assert result.returncode == 0, result.stderr
    assert "theirs" in result.stdout and not list(tmp_path.glob("*.json"))  # it has no card to write on


class Exploit:
    def __reduce__(self):
        return os.system, ("touch exploited",)


NAMES = ("evil.pth", "x2.safetensors", "grey.safetensors", "part.safetensors", "odd.safetensors", "bad.pth", "text.txt")


def test_what_could_run_code_or_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {name: tmp_path / name for name in NAMES}
    torch.save({"params": Exploit()}, files["evil.pth"])
    save_file(esrgan(2).state_dict(), files["x2.safetensors"])
    save_file(esrgan(channels=1).state_dict(), files["grey.safetensors"])
    part = {name: value for name, value in esrgan().state_dict().items() if not name.startswith("model.0.")}
    save_file(part, files["part.safetensors"])
    save_file({"weight": torch.zeros(3)}, files["odd.safetensors"])
    files["bad.pth"].write_bytes(b"no archive")
    files["text.txt"].write_text("hello", encoding="utf-8")
    for name, message in {
        "evil.pth": "refused: it is no checkpoint, or it holds more than weights",
        "x2.safetensors": "for x2, not for x4",
        "grey.safetensors": "is a ESRGAN for grey images with 1 channel, not for RGB",
        "part.safetensors": r"part\.safetensors (has weights that do not fit|.*is no network)",
        "odd.safetensors": "has no DECLoss card and is no network that spandrel knows",
        "bad.pth": "refused: it is no checkpoint",
        "text.txt": "must end in",
    }.items():
        with pytest.raises(CheckpointError, match=message):
            load_foreign(files[name])
    with pytest.raises(CheckpointError, match="for grey images with 1 channel"):
        decloss.load_checkpoint(files["grey.safetensors"])
    assert not (tmp_path / "exploited").exists()
    with pytest.raises(CheckpointError, match="does not exist"):
        load_foreign(tmp_path / "absent.pth")


def test_a_maintainers_folder_may_hold_networks_of_others_by_their_files_names(tmp_path: Path) -> None:
    save_file(esrgan().state_dict(), tmp_path / "4x theirs.safetensors")
    save_file(esrgan(2).state_dict(), tmp_path / "double.safetensors")
    save_file(esrgan().state_dict(), tmp_path / "edsr-l1.safetensors")
    save_file({"weight": torch.zeros(3)}, tmp_path / "unknown.safetensors")
    torch.save({"params": esrgan().state_dict()}, tmp_path / "pickled.pth")
    save_checkpoint(EDSR(8, 1), tmp_path / "ours.safetensors", {"training": [], "metrics": {}})
    zoo = default_zoo(tmp_path)
    added = [name for name, path in zoo.paths().items() if path.parent == tmp_path]
    assert sorted(added) == ["4x theirs", "double", f"edsr-l1 ({tmp_path.name})", "ours"]
    assert zoo.card("4x theirs")["architecture"] == {"type": "ESRGAN"}
    assert "ours" in zoo.trainable() and not {"4x theirs", "double"} & set(zoo.trainable())
    lr = torch.rand(1, 3, 12, 17)
    theirs = decloss.upscale(zoo.load("4x theirs"), lr, precision="float32")
    torch.testing.assert_close(theirs, esrgan()(lr).clamp(0, 1), atol=1e-5, rtol=0)
    with pytest.raises(CheckpointError, match="for x2, not for x4"):
        zoo.load("double")


def test_in_the_app_they_stand_beside_ours_and_nothing_else_can_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "added"
    folder.mkdir()
    save_file(esrgan().state_dict(), folder / "theirs.safetensors")
    save_file(esrgan(2).state_dict(), folder / "double.safetensors")
    save_file(esrgan().state_dict(), tmp_path / "beside.safetensors")
    zoo = default_zoo(folder)
    networks = Networks(zoo, [BICUBIC, *zoo.paths()], zoo.load)
    photo = as_upload(encode_png(sample_photo(48, 64)))

    def compare(*names: str) -> tuple[Any, ...]:
        sent = {"mode": WITH_ORIGINAL, "checkpoints": list(names), "side": 256}
        *_, last = run_comparison(networks, photo, checked(Controls, {"checkpoints": networks.names}, **sent))
        return last

    assert not {"theirs", "double"} & set(starts(networks, None))  # no finetune can go on from them
    session, _, table, *_ = compare("theirs", "double")
    assert [result.name for result in session.results] == ["theirs"]
    assert "double.safetensors is a ESRGAN for x2, not for x4 RGB" in table and str(folder) not in table
    for name in ("../beside", "beside", str(tmp_path / "beside"), str(folder / "theirs.safetensors"), "owner/model"):
        with pytest.raises(gr.Error, match="checkpoints"):
            compare(name)


def test_without_spandrel_such_files_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file(esrgan().state_dict(), tmp_path / "theirs.safetensors")
    monkeypatch.setitem(sys.modules, "spandrel", None)  # as if it were not installed
    assert not [path for path in default_zoo(tmp_path).paths().values() if path.parent == tmp_path]


def test_without_spandrel_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file(esrgan().state_dict(), tmp_path / "theirs.safetensors")
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(CheckpointError, match="pip install spandrel"):
        load_foreign(tmp_path / "theirs.safetensors")
