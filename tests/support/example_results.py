"""The results of the example photos, made once for all apps that the tests start: each would make them for a minute."""

import os
import shutil
import subprocess
import sys
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from folders import ROOT, backbones_of_the_data

from decloss.inference.zerogpu import place
from decloss.ui.parts.examples import FOLDER, start_examples
from decloss.ui.parts.tab import Networks
from decloss.zoo.registry import BICUBIC, Zoo, default_zoo

KEPT = ROOT / ".pytest_cache" / "d" / "decloss"
"""Where they stay for the next run of the tests; a network that was trained anew is run anew."""


def give_examples(data: Path) -> None:
    """Put the results of the shipped networks into the folder ``data`` of an app that will be started, if it is one."""
    if data.is_file():
        return
    made, given = _made(), data / FOLDER
    given.mkdir(parents=True, exist_ok=True)
    for path in made.glob("*.safetensors"):
        if not (given / path.name).exists():
            try:
                os.link(path, given / path.name)
            except OSError:  # another file system
                shutil.copy2(path, given / path.name)


@lru_cache
def _made() -> Path:
    """The folder with all results, which one of the tests' processes makes while the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    variables = {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", **backbones_of_the_data()}
    with FileLock(KEPT / "lock"):
        subprocess.run([sys.executable, __file__, str(KEPT)], cwd=ROOT, env={**os.environ, **variables}, check=True)
    return KEPT / FOLDER


def make(data: Path) -> None:
    """Make what is missing, as the app does."""
    zoo = default_zoo()
    networks = Networks(zoo, [BICUBIC, *zoo.paths()], lru_cache(maxsize=16)(partial(_load, zoo)))
    results = start_examples(networks, data)
    examples = list(results.by_name().values())
    for example in examples:
        results.want(example)
    while any(example.lacks(results.names) for example in examples):
        time.sleep(0.1)


def _load(zoo: Zoo, name: str) -> Any:
    return place(zoo.load(name), zoo.paths().get(name))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
