"""How soon commands and the library are there, as a share of what ``import torch`` takes on the same machine.

    python -m benchmarks.start                   # about two minutes
    python -m benchmarks.start --rounds 9

Each round runs all of them once, in turn, each in a process of its own; the medians are compared.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("", "train", "evaluate", "upscale", "zoo", "data", "report", "space")
TORCH = "import torch"
STARTS = {
    TORCH: ["-c", TORCH],
    **{f"`{command} --help`".replace("` ", "`"): ["-m", "decloss", *command.split(), "--help"] for command in COMMANDS},
    "`zoo list`": ["-m", "decloss", "zoo", "list"],
    "`import decloss`, any public name": ["-c", "import decloss\nfor name in decloss.__all__: getattr(decloss, name)"],
}
"""What is shown -> what Python is called with."""


def seconds(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for arguments in STARTS.values():  # from the disk, and compiled
        seconds(arguments)
    measured = [{name: seconds(arguments) for name, arguments in STARTS.items()} for _ in range(rounds)]
    medians = {name: median(times[name] for times in measured) for name in STARTS}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, medians of {rounds}\n")
    print("| | seconds | of `import torch` |\n|:--|--:|--:|")
    for name, time_taken in medians.items():
        print(f"| {name} | {time_taken:.2f} | {time_taken / medians[TORCH]:.2f} |")


if __name__ == "__main__":
    main()
