"""The rules of the house: imports go downward only, tabs know no other tab, Gradio's insides stand in one place."""

import ast
import inspect
import re
import sys
from pathlib import Path

import gradio
import pytest
from conftest import ROOT, run_python

# Lowest first. A module may import its own layer and those below.
LAYERS = [
    ["lazy"],
    ["host"],
    ["files"],
    ["pixels"],
    ["models"],
    ["dec"],
    ["metrics"],
    ["losses"],
    ["zoo"],
    ["data"],
    ["inference"],
    ["evaluation"],
    ["training"],
    ["figures"],
    ["views"],
    ["results"],
    ["votes"],
    ["jobs"],
    ["commands"],
    ["cli", "__main__"],
    ["ui"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PACKAGE = ROOT / "decloss"
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERYWHERE = [path for folder in ("decloss", "tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
TABS = ("compare", "frequency", "contrast", "coo", "playground", "finetune", "blind_test", "paper")
INSIDE_GRADIO = [PACKAGE / "ui" / "serving" / name for name in ("gradio_patches.py", "gradio_check.py")]
"""The one place for private names of Gradio, and the list of them that is checked at the start."""
PUBLIC = {"gradio", *(f"gradio.data_classes.{name}" for name in ("FileData", "ImageData", "ListFiles"))}
"""What Gradio's documentation tells one to import."""
FIELDS = {
    "state_holder", "session_data", "state_data", "config_values", "default_config", "process_api", "preprocess_data",
    "event_queue_per_concurrency_id", "process_time_per_fn", "pending_messages_per_session", "DEFAULT_TEMP_DIR",
}  # fmt: skip
"""Names of Gradio's own fields that are private, though they begin with no underscore."""


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
    allowed = {"torch", "numpy", "decloss", "safetensors", "torchvision", "lpips", "triton"}
    assert part not in ("models", "metrics", "dec", "losses") or roots - sys.stdlib_module_names <= allowed


@pytest.mark.parametrize("tab", TABS)
def test_no_tab_imports_another(tab: str) -> None:
    others = {f"decloss.ui.{other}" for other in TABS if other != tab}
    files = sorted((PACKAGE / "ui" / tab).glob("*.py"))
    assert files
    for path in files:
        assert not {name for name in imported(path) if ".".join(name.split(".")[:3]) in others}, path


def private_names_of_gradio(path: Path) -> set[str]:
    """What a file of the interface imports or uses of Gradio beyond what is documented."""
    found = {name for name in imported(path) if name.startswith("gradio.") and name not in PUBLIC}
    found -= {name.rpartition(".")[0] for name in PUBLIC}  # a documented name is imported from it
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute):
            continue
        whose = node.value.id if isinstance(node.value, ast.Name) else ""
        private = node.attr.startswith("_") and not node.attr.startswith("__") and whose not in ("self", "cls")
        module = whose == "gr" and node.attr != "themes" and inspect.ismodule(getattr(gradio, node.attr, None))
        if private or module or node.attr in FIELDS:
            found.add(ast.unparse(node))
    return found


def test_private_names_of_gradio_stand_in_one_place() -> None:
    everywhere = {path: names for path in MODULES if (names := private_names_of_gradio(path)) and "ui" in path.parts}
    assert {path for path in everywhere if path not in INSIDE_GRADIO} == set(), everywhere
    assert all(len(everywhere[path]) >= 5 for path in INSIDE_GRADIO)  # or the rule sees nothing


def opens_text_without_encoding(call: ast.Call) -> bool:
    """Whether a text file's encoding is left to the system, as far as names tell: types are unknown here."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if any(keyword.arg in ("encoding", None) for keyword in call.keywords) or "tarfile" in ast.unparse(call.func):
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) == (0 if name == "read_text" else 1)
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    words = [str(value.value) for value in given if isinstance(value, ast.Constant)]
    modes = [word for word in words if re.fullmatch("[rwxa][bt+]*", word)]
    if name not in ("open", "fdopen"):
        return False
    return "b" not in modes[0] if modes else isinstance(call.func, ast.Name)  # open(path) reads text


def test_text_files_are_opened_with_an_encoding() -> None:
    for path in [ROOT / "app.py", *EVERYWHERE]:
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not [ast.unparse(call) for call in calls if opens_text_without_encoding(call)], path


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("path.read_text()", True), ("path.write_text(words)", True), ("open(path)", True), ("path.open('w')", True),
        ("os.fdopen(handle, 'w')", True), ("path.read_text(encoding='utf-8')", False), ("open(path, 'rb')", False),
        ("open(path, 'r', encoding='utf-8')", False), ("path.open('ab')", False), ("Image.open(path)", False),
    ],
)  # fmt: skip
def test_that_rule_sees_what_it_should(code: str, bad: bool) -> None:
    (call,) = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    assert opens_text_without_encoding(call) is bad


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
