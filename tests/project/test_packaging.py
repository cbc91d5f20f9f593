"""``pip install .`` gives a library that works on its own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(folder), "."]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_the_library_the_checkpoints_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "decloss/checkpoints/edsr-l1.safetensors" in names and "decloss/ui/style.css" in names
    assert {"decloss/ui/frequency/mask.js", "decloss/assets/paper/table1.json"} <= set(names)
    assert all(name.startswith("decloss") for name in names)
    assert not [name for name in names if name.endswith(".pyi")]
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra" not in line]
    assert not [line for line in required if "gradio" in line or "lpips" in line]


def test_the_installed_library_finds_its_checkpoints(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import decloss, torch; print(decloss.__file__, decloss.available_checkpoints()); "
        "print(tuple(decloss.upscale(decloss.load_checkpoint('edsr-l1'), torch.rand(1, 3, 9, 9)).shape))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    assert str(tmp_path) in result.stdout and "edsr-l1" in result.stdout and "(1, 3, 36, 36)" in result.stdout
