"""What the pages in docs/ promise: their links, the tests they name, their Python."""

import ast
import re
from pathlib import Path

import pytest
from conftest import ROOT, run_python

PAGES = sorted((ROOT / "docs").glob("*.md"))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).is_file(), target


@pytest.mark.parametrize("number", [0, 1])
def test_the_python_of_the_library_page_runs(number: int) -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text(encoding="utf-8"), re.DOTALL)[
        number
    ]
    result = run_python("-c", code)
    assert result.returncode == 0, result.stderr


def test_the_tables_of_the_experiments_are_those_that_the_command_prints() -> None:
    result = run_python("-m", "benchmarks.experiments", "table")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() in (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
