"""Takes the pictures of the README from the running app: ``python assets/screenshots.py [NAME ...]``.

Needs what the browser tests need: requirements-dev.txt, and an installed Chromium or Chrome.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent
SIZE = {"width": 1280, "height": 640}
WAIT = 180_000
"""Milliseconds: some of it is computed."""


@dataclass(frozen=True)
class Shot:
    """One picture."""

    query: str
    """Of the address."""
    top: str
    """The element at the upper edge."""
    prepare: Callable[[Page], None]
    """Waits until there is everything to see."""


def main(names: list[str]) -> None:
    """Write NAME.png for every name, or for all."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser_path is None:
        sys.exit("Install Chromium or Chrome first.")
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for name in names or SHOTS:
            page = browser.new_page(viewport=SIZE)
            page.goto(f"{url}?tab={name}&{SHOTS[name].query}&__theme=light")
            SHOTS[name].prepare(page)
            page.evaluate(
                "what => scrollTo(0, document.querySelector(what).getBoundingClientRect().top + scrollY - 16)",
                SHOTS[name].top,
            )
            page.mouse.move(0, 0)
            page.wait_for_timeout(1500)  # pictures are loaded once they are near
            path = FOLDER / f"{name}.png"
            path.write_bytes(small(page.screenshot()))
            print(path, f"{path.stat().st_size // 1000} kB")
            page.close()
        browser.close()


def small(png: bytes) -> bytes:
    """The same pixels, packed as tightly as PNG can."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


@contextmanager
def serve() -> Iterator[str]:
    """The address of the app, which runs on a free port with no finetunes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "app.py", "--port", str(port), "--data", folder]
        environment = {**os.environ, "GRADIO_TEMP_DIR": f"{folder}/cache"}
        app = subprocess.Popen(command, cwd=FOLDER.parent, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/"
            while app.poll() is None:
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield url
        finally:
            app.terminate()
            app.wait()


def shows(selector: str, text: str = "") -> Callable[[Page], None]:
    """Waits until ``selector`` is there with ``text`` in it."""
    return lambda page: expect(page.locator(selector).first).to_contain_text(text, timeout=WAIT)


def after(click: str, selector: str, text: str) -> Callable[[Page], None]:
    """The same after a click."""

    def prepare(page: Page) -> None:
        expect(page.locator("#place img")).to_be_visible(timeout=WAIT)
        page.locator(click).first.click()
        shows(selector, text)(page)

    return prepare


SHOTS = {
    "compare": Shot("models=edsr-l1~edsr-l1-dec&side=512", "#results", after("#run", "#files", "zip")),
    "frequency": Shot("f.model=edsr-l1", "#frequency-controls", shows("#frequency-energy", "of HR’s energy")),
    "contrast": Shot("c.model=edsr-l1-dec", "#contrast-model", shows("#contrast-temperatures", "outside")),
    "coo": Shot("", "#coo-buttons", shows("#coo-status", "Trustworthiness")),
    "playground": Shot("", "#toy-finding", after("#toy-presets button >> nth=7", ".toy-status", "Done")),
    "finetune": Shot("", "#tabs", shows("#ft-start")),
    "paper": Shot("", "#paper-data", shows("#paper-tables table", "LPIPS of")),
}
"""Tab -> its picture."""


if __name__ == "__main__":
    main(sys.argv[1:])
