"""What the pages in docs/ promise: the tests they name, their Python; and the links of all pages."""

import ast
import re
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks import experiments

PAGES = sorted((ROOT / "docs").glob("*.md"))
LINKING = [*PAGES, *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "README", "SECURITY"))]
NAMED_TESTS = sorted(
    {(page.name, name) for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))}
)


@pytest.fixture(scope="module")
def existing_tests() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("page", "name"), NAMED_TESTS)
def test_every_test_that_a_page_names_exists(page: str, name: str, existing_tests: set[str]) -> None:
    assert name in existing_tests, page


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).is_file(), target


def test_the_python_of_the_library_page_runs() -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    for code in examples:
        exec(compile(code, "docs/library.md", "exec"), {})


def test_the_tables_of_the_experiments_are_those_that_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["experiments.py", "table"])
    experiments.main()
    printed = capsys.readouterr().out
    assert printed.strip() in (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
