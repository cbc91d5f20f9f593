"""Memory that was freed is the system's again, whoever else is still between it; open pages are known, not too many."""

import asyncio
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest

from decloss.ui.serving import housekeeping
from decloss.ui.serving.housekeeping import Housekeeping

with_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps and returns memory so")

PREPARED = """
from decloss.ui.serving.housekeeping import give_memory_back, keep_heaps_small

def resident():
    return int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) // 1024
"""


def run(code: str) -> list[int]:
    command = [sys.executable, "-c", PREPARED + code]
    return [int(word) for word in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()]


@with_glibc
def test_small_blocks_return_from_between_others() -> None:
    full, freed, returned = run("""
blocks = [bytes(100_000) for _ in range(2000)]
full = resident()
blocks = blocks[::20]  # every twentieth stays, so that no heap ends with a free piece
freed = resident()
give_memory_back()
print(full, freed, resident())
""")
    assert full - freed < 60, "otherwise there is nothing to return"
    assert freed - returned > 120


@with_glibc
def test_pictures_return_by_themselves() -> None:
    full, left = run("""
keep_heaps_small()
for megabytes in (2, 8, 24):
    bytearray(megabytes << 20)  # glibc would keep the later ones: it has learnt their size
pictures = [bytearray(b"x" * (4 << 20)) for _ in range(40)]
full = resident()
pictures = pictures[::20]
print(full, resident())
""")
    assert full - left > 120


def test_of_too_many_pages_those_that_came_last_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MOST_PAGES", 2)
    house = Housekeeping(None, gr.Blocks())  # type: ignore[arg-type]  # it answers alone
    sent: list[str] = []

    async def ask(method: str, session: str) -> None:
        async def send(message: dict) -> None:
            sent.append(message["type"])

        await house({"type": "http", "method": method, "path": f"/gradio_api/heartbeat/{session}"}, None, send)

    with ThreadPoolExecutor(1) as thread:  # in this one Playwright's event loop may be running
        for asked in ("GET a", "GET b", "GET a", "GET c", "POST a", "POST unknown"):
            thread.submit(asyncio.run, ask(*asked.split())).result()
    assert list(house._here) == ["c"]
    assert sent == ["http.response.start", "http.response.body"] * 6, "each answer is whole"
