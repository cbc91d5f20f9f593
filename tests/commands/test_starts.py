"""How soon a command answers: without what takes seconds to import."""

import pytest
from conftest import run_python

SLOW = (
    "torch",
    "numpy",
    "scipy",
    "matplotlib",
    "gradio",
    "PIL",
    "sklearn",
    "skimage",
    "lpips",
    "torchvision",
    "spandrel",
)
COMMANDS = (
    "", "train", "evaluate", "upscale", "zoo", "zoo list", "zoo add", "zoo train", "data", "data div2k", "data pack",
    "report", "space",
)  # fmt: skip
LOADED = f"[name for name in {SLOW} if name in sys.modules]"


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Which of the slow modules are there after each command; all in one process, one after the other."""
    calls = [*(f"{command} --help".split() for command in COMMANDS), ["zoo", "list"]]
    code = (
        "import contextlib, io, sys\nfrom decloss.cli import main\n"
        f"for words in {calls}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):\n"
        "        main(words)\n"
        "    assert printed.getvalue()\n"
        f"    print(*words, *{LOADED}, sep=',')"
    )
    result = run_python("-c", code)
    assert result.returncode == 0, result.stderr
    lines = [line.split(",") for line in result.stdout.splitlines()]
    return {" ".join(words): line[len(words) :] for words, line in zip(calls, lines, strict=True)}


@pytest.mark.parametrize("command", [*(f"{command} --help".strip() for command in COMMANDS), "zoo list"])
def test_a_command_that_computes_nothing_imports_nothing_that_is_slow(
    command: str, loaded: dict[str, list[str]]
) -> None:
    assert loaded[command] == []


def test_the_public_names_cost_torch_and_not_its_compiler_too() -> None:
    code = (
        f"import sys, decloss\nassert not {LOADED}\n"
        f"for name in decloss.__all__: getattr(decloss, name)\nprint('torch._dynamo' in sys.modules, *{LOADED})"
    )
    result = run_python("-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["False", "torch", "numpy"]


def test_what_comes_with_the_app_alone_is_asked_for_in_a_sentence() -> None:
    code = "import sys\nsys.modules['matplotlib'] = None\nfrom decloss.cli import main\nprint(main(['report']))"
    result = run_python("-c", code)
    assert result.stdout.split() == ["2"] and result.stderr.startswith("error: this needs matplotlib: pip install -r")
