"""Many visitors at once, on this machine alone: how soon sliders answer, who is turned away, and what memory does.

    python -m benchmarks.load                      # 100 visitors, 400 visitors, 10,000 requests: about ten minutes
    python -m benchmarks.load --visitors 100 --seconds 20 --requests 0

The app is started on a free port of the loopback with a data directory of its own. Each visitor has a photo and moves a
slider, waits for the pictures, thinks for about five seconds, and moves it again: a third of the visitors the place on
the photo, a third mu on the Frequency tab, a third the share of positives on the Contrast tab, which asks for slower
pictures after each move. Visitors and app share the machine's cores, so the app itself has less than these figures say.
Times are from the click to the last byte.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load_client import Answer, Visitor
from decloss.files.examples import example_photos

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
RAMP = 20.0
"""Seconds over which visitors arrive; what they do then is not counted."""
MODEL = "edsr-l1"


class App:
    """The app as a user starts it, and what it needs."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port: int = probe.getsockname()[1]
        command = [sys.executable, "app.py", "--port", str(self.port), "--data", str(folder / "data")]
        environment = {**os.environ, "GRADIO_TEMP_DIR": str(folder / "temporary")}
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
        self.functions = {one["api_name"]: one["id"] for one in self._config()["dependencies"] if one["backend_fn"]}

    def _config(self) -> dict[str, Any]:
        while self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{HOST}:{self.port}/config", timeout=5) as answer:
                    config: dict[str, Any] = json.load(answer)
                    return config
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the app ended before it answered")

    def resident(self) -> int:
        """Bytes of the app's memory, without the processes that it started."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def computed(self) -> float:
        """Seconds that cores worked for the app so far."""
        user, system = (
            Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[11:13]
        )
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def upload(self, path: Path) -> dict[str, Any]:
        """The photo as the page would name it after an upload."""
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        request = urllib.request.Request(f"http://{HOST}:{self.port}/gradio_api/upload", body, headers)
        with urllib.request.urlopen(request) as answer:
            return {"path": json.load(answer)[0], "meta": {"_type": "gradio.FileData"}}

    def stop(self) -> None:
        """End it and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=60)


PLACE, MASKS, PATCHES = range(3)


def moves(app: App, photo: dict[str, Any], kind: int, number: int) -> tuple[int, list[Any]]:
    """The function, and its inputs, of the move ``number`` of one of the three sliders."""
    if kind == PLACE:
        return app.functions["show_place"], [photo, number % 101, 50]
    if kind == MASKS:
        return app.functions["redraw_pictures"], [None, MODEL, round(0.05 + 0.01 * (number % 90), 2), 1.0]
    share = 0.1 + 0.1 * (number % 300)
    return app.functions["show"], [None, MODEL, 8, 0.25, 1, 1, share, 20.0, "share", 1.0, "outside", 0.5, 1.5]


async def stay(
    app: App, photo: dict[str, Any], seconds: float, think: float, seed: int
) -> tuple[list[Answer], list[Answer]]:
    """One visitor: arrives some time in the ramp, then moves a slider until the time is up.

    Gives what came of the moves, and of the slower pictures that the Contrast tab asks for after each.
    """
    draw = random.Random(seed)
    visitor = Visitor(HOST, app.port)
    end = time.monotonic() + RAMP + seconds
    began = end - seconds
    answers, later = [], []
    await asyncio.sleep(draw.uniform(0, RAMP - 1))
    arrived = await visitor.ask(app.functions["show_place"], [photo, draw.uniform(20, 80), draw.uniform(20, 80)])
    number = draw.randrange(300)
    while time.monotonic() < end and not arrived.failed:
        answer = await visitor.ask(*moves(app, photo, seed % 3, number))
        if time.monotonic() >= began:
            answers.append(answer)
        if seed % 3 == PATCHES and answer.status == 200 and not answer.failed:
            later.append(await visitor.ask(app.functions["show_slopes"], [None]))
        number += 1
        await asyncio.sleep(draw.uniform(0.5, 1.5) * think)
    return answers, later


async def crowd(app: App, photo: dict[str, Any], visitors: int, seconds: float, think: float) -> None:
    """Many visitors at the same time, and what they met."""
    asyncio.get_running_loop().call_later(RAMP, lambda: used.append(app.computed()))
    used: list[float] = []
    found = await asyncio.gather(*(stay(app, photo, seconds, think, seed) for seed in range(visitors)))
    print(f"{visitors} visitors for {seconds:g} s, {think:g} s thinking")
    failed = []
    for name, part in (("sliders", 0), ("pictures after them", 1)):
        answers = [answer for of_one in found for answer in of_one[part]]
        served = [answer.seconds for answer in answers if answer.status == 200 and not answer.failed]
        refused = [answer.seconds for answer in answers if answer.status == 503]
        failed += [answer for answer in answers if answer.failed or answer.status not in (200, 503)]
        print(f"  {name}: {len(served)} served, {percentiles(served)}")
        print(f"  {name}: {len(refused)} told, {percentiles(refused)}")
    if used:
        print(f"  the app computed {(app.computed() - used[0]) / seconds:.2f} s a second")
    print(f"  errors: {len(failed)} {sorted({f'{a.status} {a.failed}'[:80] for a in failed})}", flush=True)


async def requests(app: App, photo: dict[str, Any], count: int) -> None:
    """``count`` moves by eight visitors without a pause, new ones every 50 moves; memory in the second half."""
    sizes: list[tuple[int, int]] = []
    done = 0

    async def keep_on(seed: int) -> None:
        nonlocal done
        while done < count:
            visitor = Visitor(HOST, app.port)
            await visitor.ask(app.functions["show_place"], [photo, 50, 50])
            for number in range(50):
                answer = await visitor.ask(*moves(app, photo, MASKS, seed + number))
                if answer.failed:
                    raise SystemExit(f"a request failed: {answer.failed}")
                done += 1
            sizes.append((done, app.resident()))

    await asyncio.gather(*(keep_on(seed) for seed in range(8)))
    second = [(number, size) for number, size in sizes if number >= count / 2]
    mean = sum(number for number, _ in second) / len(second), sum(size for _, size in second) / len(second)
    slope = sum((n - mean[0]) * (s - mean[1]) for n, s in second) / sum((n - mean[0]) ** 2 for n, _ in second)
    print(f"{done} requests: {sizes[0][1] / 1e6:.0f} MB at the start, {second[0][1] / 1e6:.0f} MB half-way, "
          f"{second[-1][1] / 1e6:.0f} MB at the end")  # fmt: skip
    print(f"  second half: {slope / 1024:+.3f} KiB a request (a line through {len(second)} points)", flush=True)


def percentiles(seconds: Sequence[float]) -> str:
    """Median, 95th and 99th percentile, and the longest."""
    if not seconds:
        return "none"
    order = sorted(seconds)
    found = {name: order[min(int(share * len(order)), len(order) - 1)] for name, share in
             (("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("longest", 1.0))}  # fmt: skip
    return ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in found.items())


@contextmanager
def served() -> Iterator[tuple[App, dict[str, Any]]]:
    """An app that has warmed up, and a photo that was uploaded to it."""
    folder = Path(tempfile.mkdtemp(prefix="decloss-load-"))
    app = App(folder)
    try:
        photo = app.upload(Path(example_photos()[0][0]))
        asyncio.run(stay(app, photo, 2, 0.1, MASKS))
        yield app, photo
    finally:
        app.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Read the options, run what they ask for, print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="*", default=[100, 400])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=5)
    parser.add_argument("--requests", type=int, default=10_000)
    options = parser.parse_args()
    if options.visitors:
        with served() as (app, photo):
            for visitors in options.visitors:
                asyncio.run(crowd(app, photo, visitors, options.seconds, options.think))
    if options.requests:
        with served() as (app, photo):  # a fresh one: what visitors held is given back over a while
            asyncio.run(requests(app, photo, options.requests))


if __name__ == "__main__":
    main()
