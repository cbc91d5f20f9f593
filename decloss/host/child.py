"""Child processes: each runs one module of this package, and ends with the process that started it.

A child's standard input is a pipe that only its caller holds. It ends when the caller closes it, and when the caller
itself ends, however that comes about; the child watches for that. No process id is stored or trusted.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LOOK_EVERY = 0.2
"""The seconds between two looks at a child: about as long as it outlives its caller's interest."""
READ_AT_ONCE = 1024
PACKAGE_PARENT = Path(__file__).resolve().parent.parent.parent
HARMLESS_VARIABLES = (
    "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "HOME", "SYSTEMROOT", "APPDATA"
)  # fmt: skip
"""The caller's variables that an untrusted child gets: among the others there are secrets."""


def start_child(
    module: str, *arguments: object, log: BinaryIO | None, trusted: bool = True, one_thread: bool = False
) -> "subprocess.Popen[bytes]":
    """Start ``python -m module``; Ctrl-C in a terminal does not reach the child.

    Args:
        module: the dotted name of a module that watches its standard input.
        arguments: those of its command line.
        log: the file that it prints to, since a pipe that nobody reads would fill and stop it; if None, the caller
            reads the child's output from a pipe, and its errors go where the caller's go.
        trusted: whether it gets the caller's environment, not only ``HARMLESS_VARIABLES``.
        one_thread: whether its matrix products get one thread. Where cores are busy, threads that wait for each other
            made t-SNE five times slower, not faster.
    """
    environment = {name: value for name, value in os.environ.items() if trusted or name in HARMLESS_VARIABLES}
    paths = os.pathsep.join(path for path in (str(PACKAGE_PARENT), environment.get("PYTHONPATH")) if path)
    # The child finds this package from wherever it was started, prints at once, and ignores the current folder.
    environment |= {"PYTHONPATH": paths, "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}
    environment["PYTHONIOENCODING"] = "utf-8:backslashreplace"  # its log is read so, whatever the locale
    if one_thread:
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if log is None else log,
        stderr=None if log is None else log,
        env=environment,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows needs this for the same
    )


def end_child(child: "subprocess.Popen[bytes]", grace: float = 0.0) -> None:
    """Close the child's input, and kill the child if it has not ended ``grace`` seconds later."""
    if grace:
        with suppress(subprocess.TimeoutExpired):
            child.communicate(timeout=grace)
    child.kill()
    child.communicate()


def run_child(
    module: str, folder: Path, *arguments: object, longest: float, one_thread: bool = False
) -> Generator[str, None, None]:
    """Run ``python -m module FOLDER ARGUMENTS`` to its end; yield what it has printed so far, several times a second.

    Closing the iterator kills the child.

    Args:
        module: a module that calls ``end_with_caller(folder)`` first, and leaves its results in the folder.
        folder: holds what the child is to read; what it prints goes to "log" in there.
        arguments: further ones of its command line.
        longest: seconds after which the child is killed.
        one_thread: see ``start_child``.

    Raises:
        subprocess.TimeoutExpired: if it took longer than ``longest``.
        subprocess.CalledProcessError: if it ended with a status other than 0; ``output`` is what it printed.
    """
    path = folder / "log"
    with path.open("wb") as log:
        child = start_child(module, folder, *arguments, log=log, one_thread=one_thread)
    until = time.monotonic() + longest
    try:
        while child.poll() is None:
            yield path.read_text(encoding="utf-8", errors="replace")
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(child.args, longest)
            time.sleep(LOOK_EVERY)
    finally:
        end_child(child)
    if child.returncode:
        printed = path.read_text(encoding="utf-8", errors="replace")
        raise subprocess.CalledProcessError(child.returncode, child.args, printed)


def when_caller_ends(act: Callable[[], object], hear: Callable[[bytes], object] = lambda told: None) -> None:
    """Call ``act``, in a thread of a child, as soon as the caller has ended or has closed this process's input.

    Args:
        act: is called once.
        hear: is called with what the caller writes meanwhile, ``READ_AT_ONCE`` bytes at most.
    """

    def wait() -> None:
        # On Windows, SciPy cannot be imported while a thread reads a pipe as input: https://github.com/numpy/numpy/issues/24290
        if sys.platform == "win32":
            import _winapi
            import msvcrt

            with suppress(OSError):
                while True:
                    if _winapi.PeekNamedPipe(msvcrt.get_osfhandle(0), 0)[0]:
                        hear(os.read(0, READ_AT_ONCE))
                    time.sleep(LOOK_EVERY)
        else:
            while told := os.read(0, READ_AT_ONCE):  # not sys.stdin, whose lock would be held when Python shuts down
                hear(told)
        act()

    threading.Thread(target=wait, daemon=True).start()


def end_with_caller(folder: Path) -> None:
    """End this process, a child, as soon as the caller has ended, and delete ``folder``, which nobody else will."""

    def end() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    when_caller_ends(end)
