"""The one-line explanations, in a browser."""

from collections.abc import Iterator

import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Page, expect

from decloss.ui.parts.tips import line, tip

PARTS = ROOT / "decloss" / "ui" / "parts"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One word at the right edge of a phone, in a box that cuts off what leaves it."""
    page = browser.new_page(viewport={"width": 390, "height": 600}, has_touch=True)
    css, script = ((PARTS / name).read_text(encoding="utf-8") for name in ("style.css", "accessible.js"))
    page.set_content(
        f'<style>{css}</style><p style="overflow: hidden; text-align: right">{tip("mini-patch", "test")}</p>'
        '<p style="height: 200px">other</p>'
    )
    page.evaluate(f"({script})()")
    yield page
    page.close()


@pytest.mark.parametrize("way", ["hover", "focus", "tap"])
def test_a_line_is_shown_whole_until_escape(page: Page, way: str) -> None:
    word, text = page.locator(".tip"), page.get_by_role("tooltip")
    expect(page.get_by_text(line("mini-patch"))).to_be_hidden()
    if way == "focus":
        page.keyboard.press("Tab")  # past the skip link
        page.keyboard.press("Tab")
    else:
        getattr(word, way)()
    expect(text).to_be_visible()
    expect(text).to_have_text(line("mini-patch"))
    expect(text).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()


def test_a_word_is_described_by_its_line(page: Page) -> None:
    expect(page.locator(".tip")).to_have_accessible_description(line("mini-patch"))
