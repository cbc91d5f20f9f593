"""How the page behaves as a thing to look at: nothing overflows, nothing jumps, and its icon is ours."""

from collections.abc import Callable

import pytest
from browser_page import WAIT, choose_checkpoints
from conftest import ROOT
from playwright.sync_api import Page, expect

from decloss.ui.interface import TABS

WIDTHS = (390, 768, 1440)
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
    .observe({ type: "layout-shift", buffered: false });
}"""
SHIFT = "() => window.shifts.filter((entry) => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_tab_is_wider_than_the_window(visit: Callable[..., Page], width: int, theme: str) -> None:
    page = visit(f"__theme={theme}", width=width)
    expect(page.locator("#run")).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    for title, _ in TABS.values():
        open_tab(page, title)
        wide = page.evaluate(TOO_WIDE)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (title, wide)
        assert not wide, title


TOO_WIDE = """() => [...document.querySelectorAll(".gradio-container *")].filter((node) => {
  const box = node.getBoundingClientRect();
  if (!box.width || box.right <= window.innerWidth + 1) return false;
  for (let around = node.parentElement; around; around = around.parentElement)  // a frame of its own that scrolls
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(around).overflowX)) return false;
  return true;
}).map((node) => `${node.tagName} ${node.id} ${node.className}`).slice(0, 5)"""
"""What reaches beyond the window and is neither cut nor scrolled there."""


def open_tab(page: Page, title: str) -> None:
    """By hand; where there is no room for all, those left over are in a menu."""
    tab = page.get_by_role("tab", name=title, exact=True)
    if tab.count() and tab.first.is_visible():
        tab.first.click()
    else:
        page.locator("#tabs .overflow-menu > button").click()
        page.locator("#tabs .overflow-dropdown").get_by_role("button", name=title, exact=True).click()
    panel = page.get_by_role("tabpanel").filter(visible=True)
    expect(panel).to_have_count(1, timeout=WAIT)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("width", "looked_at"), [(1440, "#crops"), (390, "#results")])
def test_nothing_jumps_while_results_come_in(visit: Callable[..., Page], width: int, looked_at: str) -> None:
    page = visit("side=256", width=width)
    expect(page.locator("#place img")).to_be_visible(timeout=WAIT)
    choose_checkpoints(page, "bicubic", "edsr-l1", "tiny-a", "tiny-b")
    page.click("#run")
    expect(page.locator("#scores tbody tr")).to_have_count(4, timeout=WAIT)
    page.evaluate("what => document.querySelector(what).scrollIntoView()", looked_at)
    page.wait_for_timeout(500)  # what the click moved is done, and counts no more
    page.evaluate(WATCH_SHIFTS)
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)
    assert page.evaluate(SHIFT) < 0.1


def test_the_icon_is_our_own(page: Page, app_url: str) -> None:
    answer = page.request.get(f"{app_url}favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.body() == (ROOT / "assets" / "icon.svg").read_bytes()
    size = "src => new Promise((ok, no) => { const i = new Image(); i.onload = () => ok(i.width); i.onerror = no; i.src = src; })"
    assert page.evaluate(size, "/favicon.ico") > 0  # a browser can draw it
