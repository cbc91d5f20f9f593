"""What the README promises: its Python, its commands, its scores."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT, run_python, sample_photo
from PIL import Image

from decloss.commands import report
from decloss.zoo.registry import available_checkpoints, default_zoo

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ +(python -m decloss .*?)(?: {2,}#.*)?$", TEXT, re.MULTILINE)


def test_the_python_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = tmp_path / "FOLDER"
    photos.mkdir()
    Image.fromarray(sample_photo(64, 64)).save(photos / "photo.png")
    Image.fromarray(sample_photo(64, 64)).save(tmp_path / "photo.jpg")
    names = {"photo.jpg": tmp_path / "photo.jpg", "large.png": tmp_path / "large.png", "RUN": tmp_path / "RUN"}
    names |= {"FOLDER": photos, "PHOTOS": photos, "LARGE": tmp_path / "LARGE"}
    _, *arguments = (str(names.get(word, word)) for word in shlex.split(command))
    if "train" in arguments:
        arguments += ["--steps", "1", "--crop", "8", "--batch-size", "1"]
    if "report" in arguments:
        arguments += ["--out", str(tmp_path)]
        monkeypatch.setattr(report, "PLACES", dict(list(report.PLACES.items())[:1]))
    result = run_python(*arguments, DECLOSS_CACHE=str(tmp_path / "cache"))
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", available_checkpoints())
def test_the_scores_are_those_on_the_card(name: str) -> None:
    metrics = default_zoo().card(name)["metrics"]
    (row,) = re.findall(rf"^\| `{name}` \|(.*)\|$", TEXT, re.MULTILINE)
    for cell, data in zip(row.split("|"), ("Set5", "Set14", "BSD100"), strict=True):
        scores = metrics[data]
        assert cell.strip() == f"{scores['psnr_y']:.2f} / {scores['ssim']:.4f} / {scores['lpips']:.4f}"
