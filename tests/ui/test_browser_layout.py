"""How the page behaves as a thing to look at: nothing overflows, nothing jumps, and its icon is ours."""

from collections.abc import Callable

from browser_page import WAIT, choose_checkpoints, expect_to_fit, open_tab
from conftest import ROOT
from playwright.sync_api import Page, expect

from decloss.ui.interface import TABS

WIDTHS = (1440, 768, 390)
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
    .observe({ type: "layout-shift", buffered: false });
}"""
SHIFT = "() => window.shifts.filter((entry) => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)"


def test_no_tab_is_wider_than_the_window_in_light_or_dark(visit: Callable[..., Page]) -> None:
    page = visit("__theme=light", width=WIDTHS[-1])
    for name, (title, _) in TABS.items():
        open_tab(page, title)
        expect(page.locator(FILLED[name]).first).to_be_visible(timeout=WAIT)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            expect_to_fit(page, TOO_WIDE)


FILLED = {
    "compare": "#run",
    "frequency": "#frequency-energy svg",
    "contrast": "#contrast-temperatures table",
    "coo": "#coo-table table",
    "playground": "#toy-numbers table",
    "finetune": "#ft-start",
    "blind": ".blind-stage:not([data-phase=wait])",
    "paper": "#paper-tables table",
}
"""What is there once a tab has got its contents."""
TOO_WIDE = """() => [...document.querySelectorAll(".gradio-container *")].filter((node) => {
  const box = node.getBoundingClientRect();
  if (!box.width || box.right <= window.innerWidth + 1) return false;
  for (let around = node.parentElement; around; around = around.parentElement)  // a frame of its own that scrolls
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(around).overflowX)) return false;
  return true;
}).map((node) => `${node.tagName} ${node.id} ${node.className}`).slice(0, 5)"""
"""What reaches beyond the window and is neither cut nor scrolled there."""


def test_nothing_jumps_while_results_come_in(visit: Callable[..., Page]) -> None:
    page = visit("side=256", width=390)
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    choose_checkpoints(page, "bicubic", "edsr-l1", "tiny-a", "tiny-b")
    page.click("#run")
    expect(page.locator("#scores tbody tr")).to_have_count(4, timeout=WAIT)
    page.evaluate("document.querySelector('#scores').scrollIntoView()")
    page.wait_for_function(
        "[...document.images].every((image) => image.complete || image.loading === 'lazy')", timeout=WAIT
    )
    page.wait_for_timeout(500)  # what the click moved is done, and counts no more
    page.evaluate(WATCH_SHIFTS)
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)
    assert page.evaluate(SHIFT) < 0.1


def test_the_icon_is_our_own(visit: Callable[..., Page], app_url: str) -> None:
    page = visit(None)
    answer = page.goto(f"{app_url}favicon.ico")
    assert answer and answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.body() == (ROOT / "assets" / "icon.svg").read_bytes()
    assert page.evaluate("document.documentElement.getBoundingClientRect().width") > 0  # it can be drawn
