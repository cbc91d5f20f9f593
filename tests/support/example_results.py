"""What an app makes ahead for all visitors, made once for all apps that the tests start: each would take a minute."""

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from filelock import FileLock
from folders import ROOT, backbones_of_the_data

KEPT = ROOT / ".pytest_cache" / "d" / "decloss"
"""Where they stay for the next run of the tests; a network that was trained anew is run anew."""
MAKE = Path(__file__).with_name("make_example_results.py")
"""The script that makes them: it imports Gradio, which tests of the library do without."""
FOLDERS = ("examples", "coo-maps")
"""The folders below ``KEPT``, and below an app's data, in which the app looks for them."""


def give_examples(data: Path) -> None:
    """Put what the shipped networks make into the folder ``data`` of an app that will be started, if it is one."""
    if data.is_file():
        return
    made = _made()
    for folder in FOLDERS:
        (data / folder).mkdir(parents=True, exist_ok=True)
        for path in (made / folder).iterdir():
            given = data / folder / path.name
            if not given.exists():
                try:
                    os.link(path, given)
                except OSError:  # another file system
                    shutil.copy2(path, given)


@lru_cache
def _made() -> Path:
    """The folder with everything, which one of the tests' processes makes while the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    variables = {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", **backbones_of_the_data()}
    with FileLock(KEPT / "lock"):
        subprocess.run([sys.executable, str(MAKE), str(KEPT)], cwd=ROOT, env={**os.environ, **variables}, check=True)
    return KEPT
