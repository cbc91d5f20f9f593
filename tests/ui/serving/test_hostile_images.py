"""Hostile files against the running app, uploaded and as data URLs: one sentence or a result, and a bounded memory."""

import base64
import itertools
import json
import os
import re
import signal
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from attacks import MARK, Attacker
from conftest import skip_or_fail
from hostile_images import HEAVY, HOSTILE
from image_files import GOOD_FILES
from served_app import Visitor

GOOD = GOOD_FILES["png"]()[0]
ALLOWED = 1_500_000_000
"""Bytes that a storm may cost."""
VISITORS = 4
"""At a time: fewer than fit into any waiting room."""
SENTENCE = re.compile(r"[^\n]*[.!?]")


@pytest.fixture(scope="module")
def attacker(app_url: str) -> Attacker:
    return Attacker(app_url)


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: make() for name, make in HOSTILE.items()}


def uploaded(attacker: Attacker, content: bytes, name: str = "photo.png") -> str:
    """What ``frequency`` answers to an uploaded file."""
    path = attacker.uploaded(name, content)
    return attacker.call("frequency", [{"path": str(path), **MARK}, 50, 50, "bicubic", 1.0, 0.25])


def as_data_url(attacker: Attacker, content: bytes) -> str:
    """What ``compare`` answers to a file inside of the request."""
    photo = {"url": f"data:image/png;base64,{coded(content)}"}
    values = [photo, "I have the original", ["bicubic"], "Cut out a piece", 256, 50, 50, 50, 50, 64, 1]
    return attacker.call("compare", values)


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def fault(answer: str) -> str:
    """What is wrong with an answer: neither a result nor one sentence, or more told than that; "" if nothing is."""
    if re.search(r'Traceback|File \\?"|site-packages|show_error', answer):
        return answer
    if "event: complete" in answer:
        return ""
    told = re.search(r"event: error\ndata: (.*)", answer)
    told_text = json.loads(told[1])["error"] if told else json.loads(answer.splitlines()[0]).get("error")
    return "" if isinstance(told_text, str) and SENTENCE.fullmatch(told_text) else answer


def test_there_are_at_least_120_hostile_files_and_they_differ(made: dict[str, bytes]) -> None:
    assert len(set(made.values())) >= 120


@pytest.mark.parametrize(("send", "every"), [(uploaded, 1), (as_data_url, 6)])
def test_every_hostile_file_is_answered_and_the_app_goes_on(
    attacker: Attacker, made: dict[str, bytes], memory: "Memory", send: Callable[[Attacker, bytes], str], every: int
) -> None:
    """Those inside of a request come to the same decoder: some of each kind will do."""
    sent = dict(itertools.islice(made.items(), 0, None, every))
    with ThreadPoolExecutor(VISITORS) as visitors, memory.watched() as seen:
        answers = dict(zip(sent, visitors.map(lambda content: send(attacker, content), sent.values()), strict=True))
    assert not {name: answer for name, answer in answers.items() if fault(answer)}
    words = ("event: complete", "too small", "too large", "not an image", "damaged", "grey levels")
    assert sum(any(word in answer for word in words) for answer in answers.values()) > 0.9 * len(sent)
    assert seen.most < ALLOWED
    assert "event: complete" in send(attacker, GOOD)


def test_a_storm_of_bombs_costs_less_than_a_gigabyte_and_a_half(
    app_url: str, attacker: Attacker, memory: "Memory"
) -> None:
    """Photos that are just allowed, each another, so that none is remembered, shown by the page and sent to the API."""
    heavy = [make() for make in HEAVY.values()]
    too_heavy = HOSTILE["png in one row of 16-bit grey"]()
    number = itertools.count()

    def send(content: bytes) -> str:
        path = attacker.uploaded("bomb.png", content + str(next(number)).encode())
        photo = {"path": str(path), **MARK}
        session = uuid.uuid4().hex
        page.join("check_photo", [photo, ""], session)
        with page.events(session) as events:
            shown = next(json.dumps(event) for event in events if event["msg"] == "process_completed")
        return shown + attacker.call("frequency", [photo, 50, 50, "bicubic", 1.0, 0.25])

    uploaded(attacker, GOOD)
    with (
        httpx.Client(base_url=app_url, timeout=300) as http,
        ThreadPoolExecutor(8) as visitors,
        memory.watched() as seen,
    ):
        page = Visitor(http)
        answers = list(visitors.map(send, heavy + 6 * [too_heavy]))
    assert not [answer for answer in answers[: len(heavy)] if "5000 \\u00d7 5000 pixels" not in answer]
    assert seen.most < ALLOWED
    assert "event: complete" in uploaded(attacker, GOOD)


def test_the_next_photo_decodes_after_the_decoders_were_killed(attacker: Attacker, memory: "Memory") -> None:
    uploaded(attacker, GOOD + b"before")  # others than those that are remembered
    killed = memory.decoders()
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert "event: complete" in uploaded(attacker, GOOD + b"after")
    assert memory.decoders() and not set(memory.decoders()) & set(killed)


@pytest.mark.parametrize(
    "url",
    [
        "data:",
        "data:,",
        "data:image/png;base64,",
        "data:image/png,%89PNG%0D%0A",
        "data:image/png;base64,%%%",
        f"data:image/png;base64,{coded(GOOD)[:-3]}",
        f"data:image/png;base64,{coded(GOOD)}\n{coded(GOOD)}",
        f"data:image/png;base64,data:image/png;base64,{coded(GOOD)}",
        f"data:text/html;base64,{coded(b'<script>alert(1)</script>')}",
        f"data:image/svg+xml;base64,{coded(b'<svg onload=alert(1)></svg>')}",
        "data:image/svg+xml;utf8,<svg onload='alert(1)'></svg>",
        f"data:application/x-pickle;base64,{coded(HOSTILE['pickle']())}",
        f"DATA:image/png;base64,{coded(GOOD)}",
        f" data:image/png;base64,{coded(GOOD)}",
        "file:///etc/passwd",
        "ftp://127.0.0.1/photo.png",
        "\0",
    ],
)
def test_a_data_url_is_base64_of_an_image_or_refused(attacker: Attacker, url: str) -> None:
    answer = attacker.compare({"url": url})
    assert not fault(answer) and "event: complete" not in answer


class Memory:
    """Of the app and all that it started, as the system counts it."""

    def __init__(self, port: int) -> None:
        mark = f"\0--port\0{port}\0".encode()
        self.app = next(pid for pid in _processes() if mark in _read(pid, "cmdline"))
        self.most = 0
        self.copies: dict[int, float] = {}
        """When a child was first seen to be a copy of the app, by its number."""

    def now(self) -> int:
        """Bytes in RAM."""
        children: dict[int, list[int]] = {}
        for pid in _processes():
            stat = _read(pid, "stat").rpartition(b")")[2].split()
            if stat:
                children.setdefault(int(stat[1]), []).append(pid)
        total, family = 0, [self.app]
        command = _read(self.app, "cmdline")
        while family:
            pid = family.pop()
            family += children.get(pid, [])
            if pid != self.app and _read(pid, "cmdline") == command:
                first_seen = self.copies.setdefault(pid, time.monotonic())
                if time.monotonic() - first_seen < 1:
                    continue  # a child that becomes another program has the app's own memory until then
            found = re.search(rb"VmRSS:\s+(\d+) kB", _read(pid, "status"))
            total += 1024 * int(found[1]) if found else 0
        return total

    def decoders(self) -> list[int]:
        """The processes that decode for this app."""
        mine = (pid for pid in _processes() if b"decloss.files.sandbox_worker" in _read(pid, "cmdline"))
        return [pid for pid in mine if int(_read(pid, "stat").rpartition(b")")[2].split()[1]) == self.app]

    def watched(self) -> "_Watch":
        return _Watch(self)


class _Watch:
    """Within it ``most`` is the most that was ever in use beyond what was before."""

    def __init__(self, memory: Memory) -> None:
        self.memory, self.most, self.over = memory, 0, threading.Event()

    def __enter__(self) -> "_Watch":
        self.before = self.memory.now()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self.memory.now() - self.before)


@pytest.fixture(scope="module")
def memory(attacker: Attacker) -> Memory:
    if not Path("/proc/self/status").exists():
        skip_or_fail("needs Linux's /proc")
    return Memory(attacker.port)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has ended
        return b""
