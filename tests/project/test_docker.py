"""The image and the workflow, read: they are not built here."""

import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from decloss.commands.space import LEFT_OUT, tracked_files

REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """What the Dockerfile does, in order, with continued lines joined."""
    lines = [
        line
        for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


def given(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [value for instruction, value in instructions if instruction == name]


def test_it_serves_as_a_user_without_rights_and_says_whether_it_is_well(instructions: list[tuple[str, str]]) -> None:
    names = [name for name, _ in instructions]
    user = given(instructions, "USER")
    assert user == ["app"] and "useradd" in " ".join(given(instructions, "RUN"))
    assert max(i for i, name in enumerate(names) if name in ("RUN", "COPY")) < names.index("USER") < names.index("CMD")
    (health,) = given(instructions, "HEALTHCHECK")
    assert "http://127.0.0.1:7860/" in health and "--interval" in health
    assert given(instructions, "EXPOSE") == ["7860"] and given(instructions, "VOLUME") == ["/data"]


def test_it_starts_the_app_with_options_that_the_app_has(instructions: list[tuple[str, str]]) -> None:
    (command,) = given(instructions, "CMD")
    program, script, *options = json.loads(command)
    assert (program, script) == ("python", "app.py") and (ROOT / script).is_file()
    text = (ROOT / "app.py").read_text(encoding="utf-8")
    assert options == ["--data", "/data"] and '"--data"' in text
    variables = dict(re.findall(r"(\w+)=(\S+)", " ".join(given(instructions, "ENV"))))
    assert variables["GRADIO_SERVER_NAME"] == "0.0.0.0" and variables["GRADIO_SERVER_PORT"] == "7860"
    assert '"GRADIO_SERVER_NAME"' in text and '"GRADIO_SERVER_PORT"' in text


def test_nothing_is_fetched_but_packages_of_the_versions_that_we_require(instructions: list[tuple[str, str]]) -> None:
    assert not given(instructions, "ADD") and given(instructions, "FROM") == ["python:3.12-slim"]
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([\w.]+)", text)) == {"download.pytorch.org", "127.0.0.1"}
    assert given(instructions, "ARG") == ["TORCH_INDEX=https://download.pytorch.org/whl/cpu"]
    for package in ("torch", "torchvision"):
        (line,) = (line for line in REQUIREMENTS if re.match(rf"{package}[<>=]", line))
        assert f'"{line}"' in text
    assert all(
        "--no-cache-dir" in part for run in given(instructions, "RUN") for part in run.split("&&") if "pip" in part
    )


def test_what_the_app_does_not_read_stays_out_of_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {*LEFT_OUT, ".git"} <= set(ignored)
    assert not {path.split("/")[0] for path in tracked_files(ROOT)} & set(ignored)


def test_the_workflow_runs_the_same_script_on_the_oldest_and_the_newest_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["check"]
    assert job["strategy"]["matrix"]["python"] == ["3.10", "3.12"]
    (step,) = (step for step in job["steps"] if "run" in step)
    assert (ROOT / step["run"]).is_file()
    assert step["env"]["DECLOSS_REQUIRE_ALL_TESTS"] == ""  # it has no data, so those tests are skipped there
    assert workflow["permissions"] == {"contents": "read"}
    others = workflow["jobs"]["other-systems"]
    assert others["strategy"]["matrix"]["system"] == ["windows-latest", "macos-latest"]
    assert others["steps"][-1]["run"] == 'python -m pytest -k "not browser"'


def test_the_script_requires_every_test_unless_it_is_told_otherwise() -> None:
    line = next(
        line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if "REQUIRE_ALL_TESTS=" in line
    )
    assert line == 'export DECLOSS_REQUIRE_ALL_TESTS="${DECLOSS_REQUIRE_ALL_TESTS-1}"'


def test_the_paths_that_are_copied_exist(instructions: list[tuple[str, str]]) -> None:
    assert all(Path(ROOT / copied.split()[0]).exists() for copied in given(instructions, "COPY"))
