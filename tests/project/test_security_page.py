"""SECURITY.md: every test that it names exists, and its list of exploits is that of the tests."""

import ast
import re

from conftest import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TREES = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests").rglob("test_*.py"))}
NAMED = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", PAGE)
ID = re.compile(r"CVE-\d{4}-\d{4,7}")


def replayed() -> dict[str, set[str]]:
    """The ids that tests say they replay, by the test's name."""
    found: dict[str, set[str]] = {}
    for tree in TREES.values():
        for test in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in test.decorator_list if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id == "replays":
                    found[test.name] = {ast.literal_eval(argument) for argument in call.args}
    return found


def listed() -> dict[str, set[str]]:
    """The ids that the page lists, by the test beside them."""
    table = PAGE.partition("## Replayed exploits")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| `test_\w+\.py::(test_\w+)` \|$", table, re.MULTILINE)
    return {test: set(ID.findall(ids)) for ids, test in rows}


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED) > 25
    for file, name in NAMED:
        assert file in TREES, file
        names = {node.name for node in ast.walk(TREES[file]) if isinstance(node, ast.FunctionDef)}
        assert not name or name in names, f"{file}::{name}"


def test_every_exploit_of_the_list_is_replayed_and_every_one_that_is_replayed_is_listed() -> None:
    tests = replayed()
    assert sum(map(len, tests.values())) >= 100
    assert listed() == tests
    assert all(ID.fullmatch(one) for ids in tests.values() for one in ids)


def test_every_promise_says_how_it_is_kept_and_tested() -> None:
    table = PAGE.partition("## Promised")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 12
    for promise, how, tests in rows:
        assert len(promise) > 10 and len(how) > 10 and "test_" in tests, promise
