"""Makes what the app makes ahead with the shipped networks, as it does: its data folder is the only argument."""

import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from decloss.inference.zerogpu import place
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface
from decloss.ui.parts.examples import start_examples
from decloss.ui.parts.tab import Networks
from decloss.zoo.registry import BICUBIC, default_zoo


def make(data: Path) -> None:
    """Make what is missing below ``data``: the examples' results, and the map with which the COO tab opens."""
    zoo = default_zoo()

    @lru_cache(maxsize=16)
    def load(name: str) -> Any:
        return place(zoo.load(name), zoo.paths().get(name))

    results = start_examples(Networks(zoo, [BICUBIC, *zoo.paths()], load), data)
    examples = list(results.by_name().values())
    for example in examples:
        results.want(example)
    while any(example.lacks(results.names) for example in examples):
        time.sleep(0.1)
    for task in build_interface(zoo, Finetunes(data)).ahead:
        task()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
