"""The repository as a Hugging Face Space: its front matter, how it gets there, what it knows of where it is.

Uploads go by the real huggingface_hub client to a local stand-in; the real Hub was never called.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import yaml
from conftest import ROOT, run_python
from hub_stand_in import TOKEN, Hub, hub_stand_in
from packaging.specifiers import SpecifierSet

import app
from decloss.cli import main
from decloss.commands.space import Space, push, tracked_files
from decloss.host import where as hosting
from decloss.jobs.hub import push as hub_module
from decloss.jobs.line import Line
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import _votes_folder
from decloss.ui.parts.hosting import DOES_NOT_LAST, describe_hosting
from decloss.ui.serving.gradio_check import KNOWN

NAME = "visitor/decloss"
GRADIO_PINS = ("requirements.txt", "requirements-dev.txt", "pyproject.toml")
FRONT: dict[str, Any] = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1])
KEYS = {
    *("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "models", "tags"),
    *("short_description", "license", "suggested_hardware", "startup_duration_timeout", "pinned", "datasets"),
}
"""Of the Hub's configuration reference, those that could be ours."""
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
PROJECT = dict(re.findall(r'^([a-z-]+) = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE))


# The front matter.


def test_the_front_matter_has_known_keys_with_values_that_the_hub_takes() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").startswith("---\n") and set(FRONT) <= KEYS
    assert FRONT["sdk"] == "gradio" and FRONT["colorFrom"] in COLOURS and FRONT["colorTo"] in COLOURS
    assert 0 < len(FRONT["short_description"]) <= 60
    assert FRONT["suggested_hardware"] in [flavor.value for flavor in huggingface_hub.SpaceHardware]
    assert FRONT["startup_duration_timeout"] == "30m"
    assert FRONT["models"] == []  # the checkpoints are in the repository; none comes from the Hub
    assert all(isinstance(FRONT[key], str) for key in ("title", "sdk_version", "python_version", "license"))


def test_the_front_matter_agrees_with_the_project() -> None:
    asked = {name: (ROOT / name).read_text(encoding="utf-8") for name in GRADIO_PINS}
    pins = {name: re.findall(r"gradio(?:\[mcp\])?([=<>~][^\s\"]*)", text) for name, text in asked.items()}
    assert pins == {name: [f"=={FRONT['sdk_version']}"] for name in GRADIO_PINS} and FRONT["sdk_version"] == KNOWN
    assert FRONT["python_version"] in SpecifierSet(PROJECT["requires-python"])
    assert FRONT["license"] == PROJECT["license"].lower()
    assert (ROOT / FRONT["app_file"]).is_file()


# The push.


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)  # the stand-in knows LFS
    with hub_stand_in(tmp_path) as hub:
        yield hub


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout in small, with something untracked and something deleted."""
    root = tmp_path / "checkout"
    files = {"app.py": b"pass\n", "README.md": b"---\nsdk: gradio\n---\n", "tests/test_x.py": b"", ".ci/run": b""}
    files |= {
        "decloss/old.py": b"old",
        "decloss/zoo.py": b"zoo",
        "checkpoints/a.safetensors": b"weights" * 100,
    }
    for path, content in {**files, "docs/gone.md": b""}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    (root / "docs/gone.md").unlink()
    (root / "secret.txt").write_text("not tracked", encoding="utf-8")
    return root


def send(hub: Hub, root: Path, **values: Any) -> str:
    return push(NAME, root, tracked_files(root), endpoint=hub.url, **{"private": False, "hardware": None, **values})


def test_what_git_tracks_goes_without_tests_as_it_lies_there(checkout: Path) -> None:
    assert tracked_files(checkout) == [
        *("README.md", "app.py", "checkpoints/a.safetensors", "decloss/old.py", "decloss/zoo.py")
    ]


def test_a_space_is_made_and_large_files_go_apart(hub: Hub, checkout: Path) -> None:
    assert send(hub, checkout, private=True, hardware="zero-a10g") == f"{hub.url}/spaces/{NAME}"
    space = hub.repositories[NAME]
    assert space.files == {path: (checkout / path).read_bytes() for path in tracked_files(checkout)}
    assert space.large == {"checkpoints/a.safetensors"}
    assert space.private and space.space == {"sdk": "gradio", "hardware": "zero-a10g"}
    assert space.commits == 1 and space.message.startswith("DECLoss 0.")
    assert hub.authorizations <= {f"Bearer {TOKEN}", None}


def test_an_update_deletes_what_is_gone_from_our_folders_and_nothing_of_the_owners(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(hub, checkout)
    space = hub.repositories[NAME]
    space.files |= {"notes.txt": b"mine", "my-networks/b.safetensors": b"mine"}
    (checkout / "decloss/old.py").unlink()
    (checkout / "decloss/zoo.py").write_bytes(b"changed")
    send(hub, checkout)
    assert "decloss/old.py" not in space.files and space.files["decloss/zoo.py"] == b"changed"
    assert {"notes.txt", "my-networks/b.safetensors"} <= set(space.files)
    assert "deleted there: decloss/old.py" in capsys.readouterr().err
    assert not space.private and "hardware" not in space.space


def test_a_dry_run_lists_sizes_and_needs_neither_token_nor_client(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert main(["space", "push", NAME, "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    sizes = {line.split()[1]: int(line.split()[0].replace(",", "")) for line in lines[:-1]}
    assert sizes["app.py"] == (ROOT / "app.py").stat().st_size and "checkpoints/edsr-l1.safetensors" in sizes
    assert not [path for path in sizes if path.startswith(("tests/", "benchmarks/", ".ci/", ".github/"))]
    assert lines[-1].split()[0].replace(",", "") == str(sum(sizes.values())) and NAME in lines[-1]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda hub, patch: patch.setenv("HF_TOKEN", "hf_somebodyElses"), "Hugging Face does not accept this token."),
        (lambda hub, patch: hub.answers.update({"/commit": 403}), "it needs the right to write to the Space visitor/"),
        (lambda hub, patch: patch.setattr(huggingface_hub, "get_token", lambda: None), "set HF_TOKEN, or run"),
        (lambda hub, patch: patch.setattr(hub_module, "huggingface_hub", None), "not installed here"),
        (lambda hub, patch: patch.setitem(sys.modules, "huggingface_hub", None), "pip install -r requirements.txt"),
    ],
)
def test_what_goes_wrong_is_one_sentence_without_the_token(
    hub: Hub, checkout: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[..., None], sentence: str
) -> None:
    spoil(hub, monkeypatch)
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        send(hub, checkout)
    assert sentence in str(caught.value) and TOKEN not in str(caught.value)


def test_nonsense_is_refused_before_anything_is_sent(hub: Hub, checkout: Path) -> None:
    with pytest.raises(ValueError, match="OWNER/NAME"):
        push("alone", checkout, [], private=False, hardware=None, endpoint=hub.url)
    with pytest.raises(ValueError, match="no hardware 'tpu'; there are cpu-basic"):
        send(hub, checkout, hardware="tpu")
    assert not hub.authorizations


def test_an_installed_package_says_that_it_takes_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"from a git checkout of DECLoss, and .* is none"):
        tracked_files(tmp_path)


def test_the_command_line_works_where_the_apps_packages_are_missing() -> None:
    blocked = ["huggingface_hub", "filelock", "gradio", "sqlalchemy"]
    code = f"import sys\nfor name in {blocked}: sys.modules[name] = None\nimport decloss.commands.space"
    result = run_python("-c", code)
    assert result.returncode == 0, result.stderr
    assert Space("push", NAME).hardware is None


# Where it is.


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Space with storage."""
    monkeypatch.setenv("SPACE_ID", NAME)
    monkeypatch.setattr(hosting, "STORAGE", tmp_path)
    return tmp_path


def test_in_a_space_finetunes_go_to_its_storage_and_nothing_is_said(storage: Path) -> None:
    assert app.default_data() == storage / "decloss"
    assert DOES_NOT_LAST not in describe_hosting(app.default_data())


def test_with_a_shared_queue_votes_do_not_lie_in_the_storage(storage: Path) -> None:
    """It may be a bucket, where SQLite loses what it writes."""
    shared = Finetunes(app.default_data(), Line("postgresql://nobody@localhost/nothing"))
    assert not _votes_folder(shared).is_relative_to(storage)
    assert _votes_folder(Finetunes(app.default_data(), Line())).is_relative_to(storage)


@pytest.mark.parametrize("missing", ["absent", "read-only"])
def test_a_space_without_storage_says_that_they_do_not_last(
    storage: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "absent":
        monkeypatch.setattr(hosting, "STORAGE", storage / "absent")
    else:
        monkeypatch.setattr(hosting.os, "access", lambda path, mode: False)
    assert not app.default_data().is_relative_to(storage)
    assert DOES_NOT_LAST in describe_hosting(app.default_data())


def test_on_ones_own_machine_the_users_folder_lasts(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID")
    assert not app.default_data().is_relative_to(storage)
    words = describe_hosting(app.default_data())
    assert DOES_NOT_LAST not in words and "512 × 512 pixels in about" in words
