"""The page served by the tests' own process, in a temporary folder of its own, swept when the tests say so."""

import contextlib
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from example_results import give_examples
from starlette.middleware import Middleware
from waiting import free_port

from decloss.files.images import encode_png
from decloss.jobs.queue import Finetunes
from decloss.ui.interface import build_interface, launch_options
from decloss.ui.serving.edge import Edge, Rules
from decloss.ui.serving.lanes import assign_lanes
from decloss.ui.serving.routes import public_names
from decloss.ui.serving.sweeper import Sweeper
from decloss.ui.serving.temporary import temporary_folder
from decloss.zoo.registry import default_zoo

WITH = "I have the original"


def below(folder: Path) -> Iterator[Path]:
    """All that is in it, while others may be removing that."""
    for where, folders, files in os.walk(folder):
        yield from (Path(where, name) for name in (*folders, *files))


def files_below(folder: Path) -> set[Path]:
    return {path for path in below(folder) if not path.is_dir()}


def own_folder(base: Path) -> Path:
    """The temporary folder of the one app that lives in ``base``."""
    (lock,) = base.glob("decloss-*.lock")
    return lock.with_suffix("")


PATIENCE = 120.0
"""Seconds to ask again where the app is busy: the machine may be, too."""


@dataclass
class Visitor:
    """Somebody who speaks HTTP."""

    http: httpx.Client

    def upload(self, pixels: np.ndarray) -> dict[str, Any]:
        answer = self.http.post("gradio_api/upload", files={"files": ("photo.png", encode_png(pixels))})
        assert answer.status_code == 200, answer.text
        return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}

    def join(self, name: str, values: list[Any], session: str) -> None:
        """Ask for a function of the page, as the page does."""
        dependencies = self.http.get("config").json()["dependencies"]
        (target,) = (entry for entry in dependencies if entry["api_name"] == name)
        body = {"data": values, "fn_index": target["id"], "session_hash": session}
        until = time.monotonic() + PATIENCE
        while (answer := self.http.post("gradio_api/queue/join", json=body)).status_code == 503:  # busy
            assert time.monotonic() < until, answer.text
            time.sleep(0.2)
        assert answer.status_code == 200, answer.text

    @contextmanager
    def events(self, session: str) -> Iterator[Iterator[dict[str, Any]]]:
        """What the server says to ``session``, until whoever listens leaves."""
        with self.http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
            yield (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))

    @contextmanager
    def open_page(self, session: str) -> Iterator[None]:
        """What a browser says as it opens the page, and as it closes it."""
        assert "ALIVE" in self.http.get(f"gradio_api/heartbeat/{session}").text
        yield
        assert self.http.post(f"gradio_api/heartbeat/{session}").status_code == 200

    def compare(self, photo: dict[str, Any], *, side: int = 256, checkpoints: tuple[str, ...] = ("bicubic",)) -> str:
        """All that a comparison says, to its end."""
        session = uuid.uuid4().hex
        self.join("compare", compare_values(photo, side, checkpoints), session)
        with self.events(session) as events:
            for event in events:
                if event["msg"] == "process_completed":
                    return json.dumps(event)
        raise AssertionError("it did not end")


def compare_values(photo: dict[str, Any], side: int = 256, checkpoints: tuple[str, ...] = ("bicubic",)) -> list[Any]:
    return [photo, WITH, list(checkpoints), "Cut out a piece", side, 50, 50, 50, 50, 64, 1, None, None]


@dataclass
class Served(Visitor):
    """The page, and what the tests need of its inside."""

    url: str
    folder: Path
    page: gr.Blocks
    sweeper: Sweeper
    finetunes: Finetunes

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def comparisons(self) -> set[Path]:
        """The folders of all comparisons that are there."""
        return set(self.work.glob("*-decloss"))

    def stray(self) -> set[Path]:
        """Files that were not there before there were visitors."""
        return {path for path in files_below(self.folder) if str(path) not in self.sweeper._own}


@contextmanager
def served_app(base: Path, checkpoints: Path, absence: float) -> Iterator[Served]:
    """Swept by hand only: ``Sweeper.due`` says no. Sessions without a page are forgotten after ``absence`` seconds."""
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("GRADIO_TEMP_DIR", str(base / "temporary"))
        folder = stack.enter_context(temporary_folder())
        give_examples(base / "data")
        finetunes = Finetunes(base / "data")
        assert finetunes.open() == ""
        stack.callback(finetunes.close)
        page = build_interface(default_zoo(checkpoints), finetunes)
        options = launch_options(page, folder)
        housekeeping = options["app_kwargs"]["middleware"][-1]
        housekeeping.kwargs["absence"] = absence
        sweeper = housekeeping.kwargs["sweeper"]
        patch.setattr(sweeper, "due", lambda waited: False)
        port = free_port()
        page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, **options)
        stack.callback(page.close, verbose=False)
        url = f"http://127.0.0.1:{port}/"
        http = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder / "cache")
        yield Served(http, url, folder, page, sweeper, finetunes)


@contextmanager
def served_functions(page: gr.Blocks) -> Iterator[httpx.Client]:
    """A client of the API of ``page``, which stands behind our edge, each function in its lane."""
    assign_lanes(page)
    page.queue(api_open=False)
    edge = Middleware(Edge, rules=Rules(page, public_names(page), False, lambda: True))
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, app_kwargs={"middleware": [edge]})
    with httpx.Client(base_url=f"{url}gradio_api/", timeout=60) as client:
        yield client
    page.close()
