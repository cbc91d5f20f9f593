"""Networks of other projects, measured by path."""

import os
from pathlib import Path

import pytest
import torch
from conftest import run_python, sample_photo
from PIL import Image
from safetensors.torch import save_file
from spandrel.architectures.ESRGAN import ESRGAN

import decloss
from decloss.foreign import load_foreign
from decloss.training.checkpoint import CheckpointError


def esrgan(scale: int = 4) -> torch.nn.Module:
    torch.manual_seed(0)
    return ESRGAN(num_filters=8, num_blocks=1, scale=scale).eval()


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_foreign_network_upscales_as_by_itself(suffix: str, tmp_path: Path) -> None:
    network, path = esrgan(), tmp_path / f"theirs{suffix}"
    if suffix == ".pth":
        torch.save({"params_ema": network.state_dict()}, path)
    else:
        save_file(network.state_dict(), path)
    model = load_foreign(path)
    lr = torch.rand(1, 3, 12, 17)
    with torch.inference_mode():
        expected = network(lr).clamp(0, 1)
    torch.testing.assert_close(decloss.upscale(model, lr, precision="float32"), expected, atol=1e-5, rtol=0)
    assert model.card["architecture"]["type"] == "ESRGAN" and model.card["parameters"] > 0


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


def test_what_could_run_code_or_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {name: tmp_path / name for name in ("evil.pth", "x2.safetensors", "odd.safetensors", "bad.pth", "text.txt")}
    torch.save({"params": Exploit()}, files["evil.pth"])
    save_file(esrgan(2).state_dict(), files["x2.safetensors"])
    save_file({"weight": torch.zeros(3)}, files["odd.safetensors"])
    files["bad.pth"].write_bytes(b"no archive")
    files["text.txt"].write_text("hello")
    for name, message in {
        "evil.pth": "refused: it could run code",
        "x2.safetensors": "for x2, not for x4",
        "odd.safetensors": "no network that spandrel knows",
        "bad.pth": "bad.pth",
        "text.txt": "must end in",
    }.items():
        with pytest.raises(CheckpointError, match=message):
            load_foreign(files[name])
    assert not (tmp_path / "exploited").exists()
    with pytest.raises(CheckpointError, match="does not exist"):
        load_foreign(tmp_path / "absent.pth")


def test_without_spandrel_it_says_what_to_install() -> None:
    result = run_python(
        "-c",
        "import sys; sys.modules['spandrel'] = None\n"
        "from pathlib import Path; from decloss.foreign import load_foreign; load_foreign(Path('x.safetensors'))",
    )
    assert "pip install spandrel" in result.stderr
