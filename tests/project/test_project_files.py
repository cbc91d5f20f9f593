"""What stands beside the code: how to cite, to contribute, to train from zero; the map of the app; the pictures."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from PIL import Image
from systems import linux

import decloss
from decloss import cli
from decloss.ui.interface import TABS

APP = (ROOT / "docs" / "app.md").read_text(encoding="utf-8")
TRAINING = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = TRAINING.partition("## From zero to table\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^    python -m decloss (.*)$", SECTION, re.MULTILINE)
FUNCTIONS = re.findall(r"\[`(\w+)`\]\(([^)]+)\)", APP)


def test_the_citation_is_cff_1_2_0_with_the_software_and_the_paper() -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    known = {"cff-version", "message", "title", "type", "authors", "version", "license", "keywords", "references"}
    assert set(cff) <= known and {"cff-version", "message", "title", "authors"} <= set(cff)
    assert cff["cff-version"] == "1.2.0" and cff["type"] == "software" and cff["license"] == "MIT"
    assert cff["version"] == decloss.__version__
    assert cff["authors"] == [{"name": "The DECLoss contributors"}]
    (paper,) = cff["references"]
    assert {"type", "title", "authors"} <= set(paper) and paper["title"] in README
    credits = " ".join(README.partition("## Credits")[2].split())
    assert len(paper["authors"]) == 9
    for author in paper["authors"]:
        assert f"{author['given-names']} {author['family-names']}" in credits


def test_the_licence_is_mit() -> None:
    text = " ".join((ROOT / "LICENSE").read_text(encoding="utf-8").split())
    assert text.startswith("MIT License Copyright (c) 2026")
    assert "without restriction, including without limitation the rights to use, copy, modify, merge" in text
    assert 'license = "MIT"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_understands_the_commands_from_zero_to_table(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[object] = []
    for kind in cli.COMMANDS.values():
        monkeypatch.setattr(kind, "run", lambda self: ran.append(self) or 0)
    assert cli.main(shlex.split(command)) == 0
    assert type(ran[0]) is cli.COMMANDS[command.split(maxsplit=1)[0]]


def test_from_zero_to_table_is_all_there() -> None:
    assert [tuple(command.split()[:1]) for command in COMMANDS] == [
        ("data",), ("zoo",), ("evaluate",), ("evaluate",), ("evaluate",), ("report",),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "target"), FUNCTIONS)
def test_what_the_map_of_the_app_says_is_where_it_says(name: str, target: str) -> None:
    code = (ROOT / "docs" / target).read_text(encoding="utf-8")
    assert re.search(rf"^(?:def|class) {name}\b", code, re.MULTILINE), target


def test_the_architecture_has_every_folder_and_every_file_beside_one() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "decloss"
    for path in (path for folder in (package, package / "ui") for path in folder.iterdir()):
        if path.name not in ("__pycache__", "__init__.py") and path.suffix != ".pyi":
            assert f"`{path.name}{'/' * path.is_dir()}`" in text, path


@linux
@pytest.mark.parametrize("browser", ["chromium-headless-shell", "google-chrome", ""])
def test_ci_installs_a_browser_only_where_there_is_none_that_the_tests_take(browser: str, tmp_path: Path) -> None:
    """Ubuntu has no package chromium-headless-shell, but its machines at GitHub have Chrome."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r"^command -v (chrom[^>]*).*\n.*chromium-headless-shell\)$", script, re.MULTILINE)
    assert found is not None
    tests = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    accepted = tests.partition("def chromium() -> str:")[2].partition("):")[0]
    assert found[1].split() == re.findall(r'^ +"([\w-]+)",$', accepted, re.MULTILINE)
    if browser:
        (tmp_path / browser).touch(mode=0o755)
    code = f'missing=()\n{found[0]}\necho "${{missing[*]}}"'
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run([bash, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ("" if browser else "chromium-headless-shell")


def test_the_readme_has_every_tab() -> None:
    table = README.partition("| tab | what it shows |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (\w[^|]*?) \|", table, re.MULTILINE) == [title for title, _ in TABS.values()]


def test_the_map_of_the_app_has_every_tab_and_every_equation_of_the_loss() -> None:
    assert [row for row in re.findall(r"^\| ([^|]+?) \|", APP, re.MULTILINE) if row in dict(TABS.values())] == [
        title for title, _ in TABS.values()
    ]
    table = APP.partition("## Each equation")[2].partition("## ")[0]
    numbers: set[int] = set()
    for cell in re.findall(r"^\| ([\d, –]+) \|", table, re.MULTILINE):
        for part in cell.split(", "):
            first, _, last = part.partition("–")
            numbers |= set(range(int(first), int(last or first) + 1))
    assert numbers == {1, 7, *range(9, 27)}


def test_the_pictures_of_the_readme_are_small_and_have_words() -> None:
    pictures = re.findall(r"!\[([^]]*)\]\((assets/[^)]+)\)", README)
    assert 2 <= len(pictures) <= 4
    for words, path in pictures:
        assert len(words) > 30, path
        assert f'"{Path(path).stem}": Shot' in (ROOT / "assets" / "screenshots.py").read_text(encoding="utf-8")
    for path in (ROOT / "assets").glob("*.png"):
        assert path.stat().st_size < 400_000, path.name
        assert Image.open(path).size == (816, 510)
