"""Waiting for a fact, and an app as a user starts it: a process of its own, waited for until it answers."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from example_results import give_examples
from folders import ROOT

T = TypeVar("T")


def wait_for(fact: Callable[[], object], seconds: float = 120) -> None:
    """Until ``fact`` is true; so long a time fails the test, on a busy machine, too."""
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until
        time.sleep(0.05)


def in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives, in a thread of its own: the browser's library leaves an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, app: "subprocess.Popen[bytes]", log: Path) -> bool:
    """Whether the app that is served by this process answers; its log is the failure if it has ended."""
    assert app.poll() is None, log.read_text(encoding="utf-8")
    try:
        urllib.request.urlopen(f"{url}healthz", timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def running_app(
    base: Path, *options: str, host: str = "127.0.0.1", **variables: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of ``app.py`` with ``options`` on ``host``, and its process, which ends with this.

    What it writes lies in ``base``: ``log.txt``, ``data`` and ``temporary``. It computes on the CPU, since its results
    are compared with those of the tests. What the shipped networks make of the examples is there already.
    """
    give_examples(base / "data")
    port = free_port()
    options = ("--host", host, "--port", str(port), "--data", str(base / "data"), *options)
    command = [sys.executable, "app.py", *options]
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(base / "temporary"), "CUDA_VISIBLE_DEVICES": "", **variables}
    log = base / "log.txt"
    with log.open("ab") as output:
        app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    try:
        wait_for(lambda: answers(url, app, log), 240)
        yield url, app
    finally:
        app.terminate()
        app.wait(timeout=20)
