"""A teacher copies a link, opens one that shows a figure alone, and is led through the page by the tour."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser_page import WAIT
from playwright.sync_api import Page, expect

READY = "window.declossReady && window.declossRestored"
CLIPBOARD = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"
OVERLAP = """selector => {
  const [card, target] = ["#tour", selector].map((each) => document.querySelector(each).getBoundingClientRect());
  return target.bottom > card.top && target.top < card.bottom && target.right > card.left && target.left < card.right;
}"""


def ready(page: Page) -> Page:
    page.wait_for_function(READY, timeout=WAIT)
    return page


def chosen_tab(page: Page) -> Any:
    return page.locator("#tabs > .tab-wrapper [role=tab][aria-selected=true]").first


def test_the_copied_link_is_the_address_with_its_view_and_without_a_key(visit: Callable[..., Page]) -> None:
    page = ready(visit("x=20&view=tour2&key=very-private&owner_token=t&__theme=light#somewhere"))
    page.evaluate(CLIPBOARD)
    page.click("#copy-link")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_text("Copied")
    expect(page.locator("#copy-link")).to_have_text("Copied")
    link = urlsplit(page.evaluate("window.copied"))
    assert parse_qs(link.query) == {"x": ["20"], "view": ["tour2"], "__theme": ["light"]} and not link.fragment
    expect(page.locator("#copy-link")).to_have_text("Copy link", timeout=WAIT)


def test_a_link_is_copied_or_shown_selected_where_there_is_no_clipboard(visit: Callable[..., Page]) -> None:
    page = visit(None)
    page.add_init_script(NO_CLIPBOARD)
    page.goto(visit.url if hasattr(visit, "url") else page.url)
