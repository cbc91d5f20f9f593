"""The layers: imports go downward only, and the library stays free of the interface."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT, run_python

# Lowest first. A module may import its own layer and those below.
LAYERS = [
    ["pixels", "files", "host"],
    ["models"],
    ["dec", "metrics"],
    ["losses", "zoo"],
    ["data", "inference"],
    ["evaluation"],
    ["training"],
    ["figures"],
    ["views", "results"],
    ["jobs"],
    ["commands"],
    ["cli", "__main__"],
    ["ui"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PACKAGE = ROOT / "decloss"
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import absolutely, so that layers can be seen"
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def layer(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "decloss" and len(parts) > 1 else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    own = relative.parts[0].removesuffix(".py")
    if own == "__init__":
        return  # the package's front door gathers public names
    assert own in RANK, f"give the new layer {own} a place in LAYERS"
    above = {name for name in imported(path) if (other := layer(name)) in RANK and RANK[other] > RANK[own]}
    assert not above


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_interface_imports_gradio_and_figures_have_no_tensors(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    part = path.relative_to(PACKAGE).parts[0]
    assert part == "ui" or "gradio" not in roots
    assert part != "figures" or not roots & {"torch", "gradio"}
    allowed = {"torch", "numpy", "decloss", "safetensors", "torchvision", "lpips"}
    third_party = roots & {"torch", "numpy", "PIL", "gradio", "matplotlib", "sklearn", "skimage", "tyro", "tqdm"}
    assert part not in ("models", "metrics", "dec") or third_party <= allowed


def test_the_library_and_training_import_without_the_interface() -> None:
    blocked = ["gradio", "lpips", "matplotlib", "sklearn", "skimage", "torchvision"]
    code = f"import sys\nfor name in {[*blocked, 'tyro']}: sys.modules[name] = None\n"
    # A training machine may have nothing but torch, numpy, Pillow, safetensors and tqdm.
    code += "import decloss, decloss.training.trainer\ndel sys.modules['tyro']\n"
    code += "import decloss.training.recipes, decloss.commands.train"
    result = run_python("-c", code)
    assert result.returncode == 0, result.stderr


def test_importing_decloss_does_not_import_gradio() -> None:
    result = run_python("-c", "import sys, decloss; print('gradio' in sys.modules)")
    assert result.stdout.strip() == "False", result.stderr


def test_every_public_name_exists() -> None:
    import decloss

    assert all(hasattr(decloss, name) for name in decloss.__all__)


def test_no_file_is_longer_than_250_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in MODULES
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 250
    }
    assert not long
