"""How long the page takes to open, with Gradio's scripts as they are and as we serve them, side by side.

    python -m benchmarks.page            # about three minutes; needs Chromium or Chrome

The app is started on a free port of the loopback. In each round a new visitor without a cache opens the page twice,
once with Gradio's scripts and once with ours, and goes on to the Contrast tab. "Ready" is when the controls have what
the address says; "work" is what the page's main thread did until then and in the six seconds after, "Contrast" what it
did in the six seconds after the click on that tab, and "slider" in those after a slider there was moved once by a key.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
from playwright.sync_api import Browser, Route, sync_playwright

from benchmarks.load import HOST, App
from decloss.ui.serving.gradio_scripts import served_scripts

SECONDS = 6
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "chrome")
KINDS = ("as they are", "as served")
TITLES = ("ready", "work until", "and after", "Contrast", "slider")


def open_page(browser: Browser, url: str, kind: str) -> list[float]:
    """Seconds until the page is ready; its main thread's until then, after it, after Contrast, and after a slider."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    if kind == KINDS[0]:
        frontend = Path(gr.__file__).parent / "templates" / "frontend"

        def give_original(route: Route) -> None:
            path = urlsplit(route.request.url).path
            route.fulfill(path=frontend / path.removeprefix("/"), content_type="text/javascript")

        for path in served_scripts():
            page.route(f"**{path}", give_original)
    measured = page.context.new_cdp_session(page)
    measured.send("Performance.enable")

    def worked() -> float:
        metrics = measured.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    began = time.perf_counter()
    page.goto(url)
    page.wait_for_function("window.declossRestored", timeout=120_000)
    ready, until_ready = time.perf_counter() - began, worked()
    page.wait_for_timeout(1000 * SECONDS)
    until_idle = worked()
    page.locator("[role=tab][data-tab-id=contrast]").first.click()
    page.wait_for_timeout(1000 * SECONDS)
    until_tab = worked()
    page.locator("#contrast-alpha input[type=range]").press("ArrowRight")
    page.wait_for_timeout(1000 * SECONDS)
    until_slider = worked()
    page.close()
    return [ready, until_ready, until_idle - until_ready, until_tab - until_idle, until_slider - until_tab]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if not served_scripts():
        raise SystemExit("the installed Gradio has no script that is served otherwise than it is")
    found: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder))
        try:
            browser = playwright.chromium.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
                args=["--no-sandbox", "--disable-gpu"],
            )
            for number in range(rounds + 1):  # the first is not counted: the app warms up
                for kind in KINDS:
                    row = open_page(browser, f"http://{HOST}:{app.port}/", kind)
                    if number:
                        found[kind].append(row)
            browser.close()
        finally:
            app.process.terminate()
            app.process.wait()
    print(f"{'median seconds':16}" + "".join(f"{title:>12}" for title in TITLES))
    middle = {kind: [statistics.median(column) for column in zip(*rows, strict=True)] for kind, rows in found.items()}
    for kind, values in middle.items():
        print(f"{kind:16}" + "".join(f"{value:12.2f}" for value in values))
    ratios = [new / old for old, new in zip(middle[KINDS[0]], middle[KINDS[1]], strict=True)]
    print(f"{'ratio':16}" + "".join(f"{ratio:12.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
