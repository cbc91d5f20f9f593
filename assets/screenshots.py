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
SIZE = {"width": 1440, "height": 900}
SAVED = (816, 510)
WAIT = 180_000
"""Milliseconds: some of it is computed."""


@dataclass(frozen=True)
class Shot:
    """One picture."""

    query: str
    """Of the address."""
    prepare: Callable[[Page], None]
    """Waits until there is everything to see."""


def main(names: list[str]) -> None:
    """Write NAME.png for every name, or for all."""
    browsers = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    browser_path = next(filter(None, map(shutil.which, browsers)), None)
    if browser_path is None:
        sys.exit("Install Chromium or Chrome first.")
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for name in names or SHOTS:
            page = browser.new_page(viewport=SIZE)
            page.goto(f"{url}?tab={name}&{SHOTS[name].query}&__theme=light")
            SHOTS[name].prepare(page)
            page.mouse.move(0, 0)
            page.wait_for_timeout(1500)  # pictures are loaded once they are near
            path = FOLDER / f"{name}.png"
            path.write_bytes(small(page.screenshot()))
            print(path, f"{path.stat().st_size // 1000} kB")
            page.close()
        browser.close()


def small(png: bytes) -> bytes:
    """The same picture made smaller, as a README shows it, packed as tightly as PNG can."""
    buffer = io.BytesIO()
    shrunk = Image.open(io.BytesIO(png)).convert("RGB").resize(SAVED, Image.Resampling.LANCZOS)
    shrunk.save(buffer, format="PNG", optimize=True)
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


def first_screen(page: Page) -> None:
    """Waits until all networks are done and the line has swept."""
    expect(page.locator("#viewer .v-root[data-sweep=done]")).to_be_visible(timeout=WAIT)
    expect(page.locator("#viewer .v-tile:disabled")).to_have_count(0, timeout=WAIT)


def played(page: Page) -> None:
    """Plays a preset to its end."""
    page.locator("#toy-presets button").nth(7).click(timeout=WAIT)
    shows(".toy-status", "Done")(page)


SHOTS = {
    "compare": Shot("", first_screen),
    "frequency": Shot("", shows("#frequency-energy", "of HR’s energy")),
    "contrast": Shot("c.model=edsr-l1-dec", shows("#contrast-temperatures", "outside")),
    "coo": Shot("", shows("#coo-status", "Trustworthiness")),
    "playground": Shot("", played),
    "finetune": Shot("", shows("#ft-start")),
    "blind": Shot("", lambda page: expect(page.locator(".blind-stage[data-phase=ask]")).to_be_visible(timeout=WAIT)),
    "paper": Shot("", shows("#paper-tables table", "LPIPS of")),
}
"""Tab -> its picture."""


if __name__ == "__main__":
    main(sys.argv[1:])
