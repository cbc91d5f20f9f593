"""Several stages of ``zoo train`` at once, each in a process of its own, which runs ``main`` of this module.

A stage saves and ends when its input does: when time is over, and when the command itself has ended, however that came
about.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from decloss.commands.console import say
from decloss.commands.progress import Signals
from decloss.commands.stages import Stage
from decloss.commands.zoo_train import TIME_IS_OVER, ZooTrain
from decloss.host.child import LOOK_EVERY, start_child, when_caller_ends

LOG = "log.txt"
"""The file in a stage's directory that it prints to."""
LONGEST_SAVING = 120.0
"""The seconds that stages have to save and end; then they are killed, and their last checkpoints stand."""
PATHS = ("data", "out", "into", "validate")
Running = dict[str, tuple[Stage, "subprocess.Popen[bytes]"]]


def train_side_by_side(command: ZooTrain, until: float) -> int:
    """Train all that is missing until a moment of ``time.monotonic``; return 0, or as ``ZooTrain.train`` if stopped.

    Raises:
        ValueError: at the end, if a stage failed, or at once for photos or a device that none could use.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ValueError("--at-once starts processes of its own: give it without torchrun")
    _check(command)
    running: Running = {}
    failed: list[str] = []
    with Signals() as signals:
        try:
            while not (stopped := bool(signals.number) or time.monotonic() > until):
                for directory in [name for name, (_, child) in running.items() if child.poll() is not None]:
                    stage, child = running.pop(directory)
                    if child.returncode == 0:
                        command.tell_finished(stage)
                    else:
                        failed.append(directory)
                        say(f"{directory}: failed, see {command.out / directory / LOG}")
                _start_missing(command, running, failed)
                if not running:
                    break
                time.sleep(LOOK_EVERY)
        finally:
            _end([child for _, child in running.values()])
    for directory, (stage, child) in running.items():  # those that were stopped
        if child.returncode == 0:
            command.tell_finished(stage)
        elif child.returncode != TIME_IS_OVER:
            failed.append(directory)
            say(f"{directory}: did not save, see {command.out / directory / LOG}")
    if stopped and not failed:
        say("Stopped and saved. Run the same command again to go on.")
    if failed:
        raise ValueError(f"not all is trained: {', '.join(failed)} failed")
    return TIME_IS_OVER + signals.number if stopped else 0


def _check(command: ZooTrain) -> None:
    """Raise a ``ValueError`` for what no stage could work with; decode the photos for all of them."""
    from decloss.data.crops import check_crop_fits
    from decloss.data.pairs import load_photo_pairs
    from decloss.training.processes import join_processes

    join_processes(command.device)
    check_crop_fits(load_photo_pairs(command.data, report=say), command.crop)


def _start_missing(command: ZooTrain, running: Running, failed: Collection[str]) -> None:
    while len(running) < command.at_once and (stage := command.stages.ready({*running, *failed})) is not None:
        folder = command.out / stage.directory
        folder.mkdir(parents=True, exist_ok=True)
        words = json.dumps(asdict(command), default=str)
        with (folder / LOG).open("ab") as log:
            running[stage.directory] = stage, start_child(__name__, words, stage.directory, log=log)
        say(f"{stage.directory}: begun")


def _end(children: "list[subprocess.Popen[bytes]]") -> None:
    """Close the children's inputs, and wait until they have saved and ended."""
    for child in children:
        assert child.stdin is not None  # ``start_child`` makes a pipe
        child.stdin.close()
    until = time.monotonic() + LONGEST_SAVING
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
        child.kill()
        child.wait()


def main(words: str, directory: str) -> int:
    """Train the stage in ``directory`` of the command with the options ``words``; return as ``ZooTrain.train``."""
    closed, begun = threading.Event(), threading.Event()

    def leave() -> None:
        closed.set()
        if not begun.is_set():  # there is nothing to save
            os._exit(TIME_IS_OVER)

    def stop() -> bool:
        begun.set()
        return closed.is_set()

    when_caller_ends(leave)
    from decloss.training.processes import join_processes  # this takes seconds, in which the caller may end

    options = json.loads(words)
    paths = {name: Path(options[name]) for name in PATHS if options[name] is not None}
    command = ZooTrain(**{**options, **paths, "only": tuple(options["only"])})
    stages = (stage for name in command.stages.names for stage in command.stages.missing(name))
    stage = next(stage for stage in stages if stage.directory == directory)
    processes = replace(join_processes(command.device), trainings=command.at_once)
    return command.train(stage, processes, stop)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
