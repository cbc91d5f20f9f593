"""What a rented machine gets: packages enough for what it runs, and the whole run so far."""

import ast
import re
import sys
from pathlib import Path

from conftest import ROOT
from small_job import small_job

from decloss.jobs.hub.parcel import REQUIREMENTS, contents
from decloss.jobs.train import train_job

DISTRIBUTIONS = {"PIL": "pillow"}
"""The names by which packages are installed, where they are imported by others."""


WITH_TORCH = {"triton"}
"""The packages that torch brings where it needs them, and without which we do."""


def imported(path: Path) -> set[str]:
    """The modules that a file imports when it is run, and in its functions, but not those that it can do without."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    optional = [node for part in ast.walk(tree) if isinstance(part, ast.Try) for node in ast.walk(part)]
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in optional:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = str(node.module)
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def file_of(module: str) -> Path | None:
    """The file of a module of ours; None if there is none, as for a function or a stranger's module."""
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)


def test_all_that_the_rented_machine_imports_is_among_the_packages_that_it_installs() -> None:
    waiting, seen, strange = ["decloss", "decloss.jobs.hub.remote", "decloss.jobs.trainer"], set(), set()
    while waiting:
        module = waiting.pop()
        if module in seen or (path := file_of(module)) is None:
            continue
        seen.add(module)
        for name in imported(path):
            (waiting.append if name.startswith("decloss") else strange.add)(name)
    needed = {name.split(".")[0] for name in strange} - sys.stdlib_module_names - WITH_TORCH
    assert {"torch", "filelock"} <= needed and "decloss.jobs.directory" in seen  # it has looked
    installed = {re.split("[<>=]", requirement)[0] for requirement in REQUIREMENTS}
    assert {DISTRIBUTIONS.get(name, name) for name in needed} <= installed


def test_a_run_goes_along_wherever_it_lies_and_its_pictures_stay(tmp_path: Path, tiny_checkpoints: Path) -> None:
    job = small_job(tmp_path / "samples" / "data", tiny_checkpoints)
    assert not train_job(job, lambda progress: progress.step == 2, "cpu")
    assert job.samples()
    sent = {path.partition("/run/")[2] for path, _ in contents(job) if "/run/" in path}
    assert {"metrics.jsonl", "state/latest.safetensors"} <= sent
    assert not [path for path in sent if path.startswith("samples")]
