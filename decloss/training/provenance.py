"""Where a checkpoint comes from: commit, versions, hardware, data, time. Everything on a card is read, not claimed."""

import os
import platform
import subprocess
from dataclasses import asdict
from datetime import datetime, timezone
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from decloss.data.pairs import PhotoPairs
from decloss.host.devices import describe
from decloss.training.config import Origin, Recipe
from decloss.training.processes import Processes

COMMIT = "DECLOSS_COMMIT"
"""The variable for the commit of a copy of the code that has no repository around it."""


@cache  # the code that runs is that of the start, whatever is committed meanwhile
def code_version() -> str:
    """Return the commit of this checkout ("-dirty" with local changes), or what ``COMMIT`` says, or the version."""
    folder = Path(__file__).resolve().parent.parent
    try:
        _git(folder, "ls-files", "--error-unmatch", "__init__.py")  # ours, and not a repository we are installed inside
        commit = _git(folder, "rev-parse", "--short=12", "HEAD")
        return commit + ("-dirty" if _git(folder, "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.SubprocessError):
        pass
    if os.environ.get(COMMIT):
        return os.environ[COMMIT]
    try:
        return metadata.version("decloss")
    except metadata.PackageNotFoundError:
        return "unknown"


def environment() -> dict[str, str]:
    """Return the versions and the system, for the run directory."""
    return {"python": platform.python_version(), "torch": torch.__version__, "system": platform.system()}


def training_card(
    recipe: Recipe,
    pairs: PhotoPairs,
    origin: Origin,
    processes: Processes,
    dtype: torch.dtype,
    step: int,
    seconds: float,
) -> dict[str, Any]:
    """Return the provenance part of a checkpoint's card; ``seconds`` are those spent training, pauses left out."""
    hardware = describe(processes.device)
    if processes.trainings > 1:  # else nobody would know what the seconds mean
        hardware += f", shared by up to {processes.trainings} trainings"
    before = origin.init["training"] if origin.init else []  # of that checkpoint and of those before it, oldest first
    training = {
        "recipe": recipe.name,
        "losses": asdict(recipe.losses),
        "step": step,
        "schedule": asdict(recipe.schedule),
        "data": {"description": origin.data, "photos": len(pairs.hr), "megapixels": round(pairs.megapixels, 1)},
        "init": origin.init["name"] if origin.init else None,
        "seconds": round(seconds),
        "hardware": hardware if processes.count == 1 else f"{processes.count} x {hardware}",
        "precision": str(dtype).removeprefix("torch."),
        "commit": code_version(),
        "environment": environment(),
        "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    return {"training": [*before, training], "metrics": {}}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=10, check=True
    ).stdout.strip()
