"""Fixtures: sample photos, the data folder of developers and CI, a served app, and a browser."""

import importlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

if "PYTEST_XDIST_WORKER_COUNT" in os.environ:  # a worker's threads and its processes' wait for the others' cores
    share = (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, share)))  # read when torch is imported

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # the fused kernels run in Triton's interpreter; read when they are imported

from folders import DATA_VARIABLE, ROOT, backbones_of_the_data, data_folder
from waiting import running_app

from decloss.cli import main
from decloss.models import EDSR
from decloss.zoo.checkpoint import save_checkpoint

REQUIRE_VARIABLE = "DECLOSS_REQUIRE_ALL_TESTS"
THREADS = torch.get_num_threads()
Started = list["subprocess.Popen[bytes]"]
LONGEST = (
    "test_kills_of_pages_and_workers_and_a_restart_of_the_database_lose_nothing",
    "test_kills_of_app_and_trainer_lose_nothing_and_never_let_two_train",
    "test_a_finetune_outlives_its_page_is_stopped_goes_on_and_can_be_compared",
)
"""Tests of a minute or more: they come first, so that at the end no worker waits for one of them."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Then come the tests of the page: while one worker makes the examples for all, the other does the rest.

    Those of jobs stay behind them, so that nobody needs the database while one of the longest starts it anew.
    """
    order = ("tests/ui/", "tests/jobs/", "")
    items.sort(key=lambda item: (item.name not in LONGEST, [*map(item.nodeid.startswith, order)].index(True)))


def skip_or_fail(reason: str) -> None:
    """Skip with ``reason``; where everything must run (CI), fail with it instead."""
    if os.environ.get(REQUIRE_VARIABLE):
        pytest.fail(f"{reason} ({REQUIRE_VARIABLE} is set)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data() -> Path:
    """Benchmarks, backbones and photos that developers have; not part of the project."""
    folder = data_folder()
    if folder is None:
        skip_or_fail(f"set {DATA_VARIABLE} to a folder with benchmarks/, backbones/ and lpips_check/ to run this")
    return folder


@pytest.fixture
def no_lpips_cached() -> Iterator[None]:
    """LPIPS as on a fresh start, before and after the test.

    A later test in this process would otherwise score with LPIPS, while the processes that it starts have none.
    """
    lpips_module, backbones = (
        importlib.import_module(f"decloss.{name}") for name in ("metrics.lpips", "models.backbones")
    )

    def forget() -> None:
        lpips_module._network.cache_clear()
        backbones._offline_since.clear()

    forget()
    yield
    forget()


@pytest.fixture
def data_backbones(data: Path, monkeypatch: pytest.MonkeyPatch, no_lpips_cached: None) -> Path:
    """The folder of the data's backbones, which the test's own process uses; LPIPS forgets them afterwards."""
    monkeypatch.setenv("DECLOSS_BACKBONES", str(data / "backbones"))
    return data / "backbones"


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(THREADS)  # the page's functions set it for whoever calls them


def sample_photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """(H, W, 3) 8-bit RGB with smooth areas, edges and texture, so that no metric degenerates."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = np.sin(x / 9 + seed) * np.cos(y / 7) + 0.5 * np.sin((x + 2 * y) / 3)
    edges = ((x // 13 + y // 17) % 2).astype(float)
    grey = 0.5 + 0.18 * waves + 0.2 * (edges - 0.5) + 0.03 * rng.standard_normal((height, width))
    colour = np.stack([grey, 0.9 * grey + 0.05, 1 - 0.8 * grey], axis=-1)
    return (np.clip(colour, 0, 1) * 255).astype(np.uint8)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four small photos, one in a subfolder."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "more").mkdir()
    for i, name in enumerate(("a.png", "b.png", "more/c.png", "d.webp")):
        Image.fromarray(sample_photo(96 + 8 * i, 120, seed=i)).save(folder / name, lossless=True)
    return folder


@pytest.fixture(scope="session")
def tiny_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two small networks, as a maintainer would add, and one that was cut off while copying."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for seed, name in enumerate(("tiny-a", "tiny-b")):
        torch.manual_seed(seed)
        save_checkpoint(EDSR(features=8, blocks=1), folder / f"{name}.safetensors", {"training": [], "metrics": {}})
    broken = folder / "broken.safetensors"
    save_checkpoint(EDSR(features=8, blocks=1), broken, {"training": [], "metrics": {}})
    broken.write_bytes(broken.read_bytes()[:-1000])
    return folder


@pytest.fixture
def start(tiny_checkpoints: Path) -> Path:
    """What finetunes start from."""
    return tiny_checkpoints / "tiny-a.safetensors"


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """This Python with ``arguments`` in the project's root, output captured; our own commands without a new process."""
    if arguments[:2] == ("-m", "decloss"):
        return run_command(list(arguments[2:]), environment)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def run_command(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """``python -m decloss``, called: most of the time of a process of its own would go into importing torch."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(ROOT)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = ended.code
    return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The processes that are started from now on."""
    processes: Started = []
    popen = subprocess.Popen

    def remember(*words: Any, **options: Any) -> "subprocess.Popen[bytes]":
        processes.append(popen(*words, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    return processes


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app writes: its log, its data and its temporary files."""
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session")
def app_url(tiny_checkpoints: Path, app_folder: Path) -> Iterator[str]:
    """The app as a user starts it, with two further checkpoints: one for all tests of a worker."""
    options = ("--checkpoints", str(tiny_checkpoints))
    with running_app(app_folder, *options, **backbones_of_the_data()) as (url, _):
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium or Chrome."""
    for name in (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ):
        if path := shutil.which(name):
            return path
    skip_or_fail("browser tests need Chromium or Chrome: e.g. apt-get install chromium, or install Google Chrome")
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=60_000)  # instead of five seconds, which are little on a machine that others load
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visits(browser: Browser, app_url: str) -> Iterator[Callable[..., Page]]:
    """Opens ``?query`` of the app for a new visitor, ``width`` pixels wide; with None the page stays empty at first.

    An error on any of these pages, or a request that leaves the machine, fails the test. A page that is still loading
    would report errors if it were sent elsewhere: visit each address anew.
    """
    opened: list[tuple[Page, list[str]]] = []

    def open_page(query: str | None = "", width: int = 1440) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 1000})
        page.set_default_timeout(60_000)
        opened.append((page, watch(page, app_url)))
        if query is not None:
            page.goto(f"{app_url}?{query}" if query else app_url)
        return page

    yield open_page
    for page, _ in opened:
        page.close()
    assert not [problem for _, problems in opened for problem in problems]


@pytest.fixture
def visit(browser: Browser, app_url: str) -> Iterator[Callable[..., Page]]:
    """Opens pages for one test: see ``visits``."""
    with visits(browser, app_url) as open_page:
        yield open_page


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The app's page as it opens."""
    page = visit()
    expect(page.locator("#run")).to_be_visible(timeout=60_000)
    return page


def watch(page: Page, app_url: str) -> list[str]:
    """A list that fills with the page's errors, those on its console, and requests that leave the machine."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(f"{m.text} ({m.location['url']})") if m.type == "error" else None)
    page.on("response", lambda r: problems.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("request", lambda r: None if r.url.startswith((app_url, "data:", "blob:")) else problems.append(r.url))
    return problems
