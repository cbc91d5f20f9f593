"""The command ``python -m decloss space``."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

import decloss
from decloss.commands.console import say

LEFT_OUT = ("tests", "benchmarks", ".ci", ".github")
"""Folders that are left out, since the app does not read them; docs/ goes, since the Paper tab shows parts of it."""


@dataclass(frozen=True)
class Space:
    """push: create a Hugging Face Space from this checkout, or bring one up to date.

    Needs a token that may write there: HF_TOKEN, or the one that "hf auth login" kept. Everything that git tracks goes,
    as it lies here, without tests and benchmarks. In folders that go, files that are gone here are deleted there; what
    you added elsewhere in the Space stays.
    """

    action: Annotated[tyro.conf.Positional[Literal["push"]], tyro.conf.arg(metavar="push")]
    """Send the app to a Space."""
    space: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="OWNER/NAME")]
    """The Space's owner and name."""
    dry_run: bool = False
    """Print what would go, and how large it is; nothing is sent."""
    private: bool = False
    """Whether a Space that is created now is visible to its owner only; one that exists stays as it is."""
    hardware: str | None = None
    """What it runs on, such as cpu-basic, t4-small or zero-a10g (ZeroGPU); default: what it has, cpu-basic at first."""

    def run(self) -> int:
        root = Path(decloss.__file__).resolve().parent.parent
        files = tracked_files(root)
        if self.dry_run:
            sizes = [(root / path).stat().st_size for path in files]
            for path, size in zip(files, sizes, strict=True):
                print(f"{size:>12,}  {path}")
            print(f"{sum(sizes):>12,}  bytes in {len(files)} files would go to the Space {self.space}")
            return 0
        print(push(self.space, root, files, private=self.private, hardware=self.hardware))
        return 0


def tracked_files(root: Path) -> list[str]:
    """Return what git tracks and the app needs, as sorted paths from ``root``.

    Raises:
        ValueError: if ``root`` is not a checkout of DECLoss.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--error-unmatch", "app.py", "."]
    try:
        listed = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True
        ).stdout.split("\0")
    except (OSError, subprocess.SubprocessError) as error:
        raise ValueError(f"a Space is made from a git checkout of DECLoss, and {root} is none") from error
    return sorted(path for path in listed if path and path.split("/")[0] not in LEFT_OUT and (root / path).is_file())


def push(
    space: str, root: Path, files: list[str], *, private: bool, hardware: str | None, endpoint: str | None = None
) -> str:
    """Make ``space`` hold ``files`` of ``root`` in one commit, and return its address.

    Raises:
        ValueError: if that did not work; the message is one sentence.
    """
    try:
        import huggingface_hub

        from decloss.jobs.hub import push as hub
        from decloss.training.provenance import code_version
    except ImportError as error:  # they come with the app; the library alone does not need them
        raise ValueError(f"this needs {error.name}: pip install -r requirements.txt") from error
    token = huggingface_hub.get_token()
    if token is None:
        raise ValueError('this needs a token of Hugging Face: set HF_TOKEN, or run "hf auth login"')
    api = hub.connect(token, endpoint)
    hub.check_repository(space)
    if hardware is not None and hardware not in (known := [flavor.value for flavor in huggingface_hub.SpaceHardware]):
        raise ValueError(f"there is no hardware {hardware!r}; there are {', '.join(known)}")
    with hub.plain_errors(f"the Space {space}"):
        api.create_repo(space, repo_type="space", space_sdk="gradio", private=private or None, exist_ok=True)
        if hardware is not None:
            api.request_space_hardware(space, hardware)
        gone = _gone(api.list_repo_files(space, repo_type="space"), files)
        operations: list[Any] = [huggingface_hub.CommitOperationDelete(path, is_folder=False) for path in gone]
        # The client sends large files apart, before the commit, and leaves out what is there already.
        operations += [huggingface_hub.CommitOperationAdd(path, root / path) for path in files]
        message = f"DECLoss {decloss.__version__}, {code_version()}"
        api.create_commit(space, operations, commit_message=message, repo_type="space")
    for path in gone:
        say(f"deleted there: {path}")
    return f"{api.endpoint}/spaces/{space}"


def _gone(there: list[str], here: list[str]) -> list[str]:
    """Return the paths ``there`` that are in a folder which we fill, and no longer ``here``."""
    folders = {path.split("/")[0] for path in here if "/" in path}
    return [path for path in there if "/" in path and path.split("/")[0] in folders and path not in set(here)]
