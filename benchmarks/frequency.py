"""How soon the Frequency tab answers a slider, in a browser: the mask, and both enhanced pictures.

    python -m benchmarks.frequency               # starts the app and Chromium; about half a minute
    python -m benchmarks.frequency --moves 200

Milliseconds from the slider's event until the mask is redrawn (in the browser alone) and until both enhanced pictures
of a 192 x 192 crop are decoded and a frame may show them (the server's work and the way there and back included).
"""

import argparse
import os
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.load import HOST, App
from benchmarks.page import BROWSERS

WARM_UP = 5
MOVE = """async (share) => {
  const range = document.querySelector("#frequency-mu input[type=range]");
  const mask = document.querySelector("#frequency-mask .mask-figure");
  const frame = () => new Promise(requestAnimationFrame);
  const found = () => document.querySelector(`#frequency-pictures [data-mu="${share}"]`);
  const start = performance.now();
  const drawn = new Promise((done) => {
    const look = () => (Math.abs(mask.parameters.mu / mask.parameters.side - share) < 1e-9
      ? done(performance.now() - start) : setTimeout(look));
    look();
  });
  range.value = share;
  range.dispatchEvent(new Event("input", { bubbles: true }));
  range.dispatchEvent(new Event("change", { bubbles: true }));  // it was let go: the server is told at rest alone
  await new Promise((done) => {
    const watcher = new MutationObserver(() => { if (found()) { watcher.disconnect(); done(); } });
    const where = document.querySelector("#frequency-pictures");
    watcher.observe(where, { subtree: true, attributes: true, childList: true });
  });
  await Promise.all([...found().querySelectorAll("img")].map((image) => image.decode()));
  await frame();
  return [await drawn, performance.now() - start];
}"""


def measure(page: Page, moves: int) -> np.ndarray:
    """(moves, 2): milliseconds to the mask and to the pictures."""
    shares = [round(0.05 + 0.01 * step, 2) for step in random.Random(0).choices(range(96), k=moves + WARM_UP)]
    distinct = [a for a, b in zip(shares, [0.25, *shares], strict=False) if a != b]  # no event where nothing moves
    return np.array([page.evaluate(MOVE, share) for share in distinct])[WARM_UP:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=100)
    moves = parser.parse_args().moves
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(f"http://{HOST}:{app.port}/?tab=frequency")
            page.wait_for_selector("#frequency-pictures img[src]", timeout=60_000)
            times = measure(page, moves)
            browser.close()
        finally:
            app.stop()
    load = os.getloadavg()[0]
    print(
        f"{len(times)} moves, {os.cpu_count()} cores, load {load:.1f}\n\n| | median | 95th percentile |\n|:--|--:|--:|"
    )
    for name, column in zip(("mask", "enhanced pictures"), times.T, strict=True):
        print(f"| {name} | {np.median(column):.0f} ms | {np.percentile(column, 95):.0f} ms |")


if __name__ == "__main__":
    main()
