"""A teacher copies a link, opens one that shows a figure alone, and is led through the page by the tour."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser_page import WAIT
from playwright.sync_api import Page, expect

READY = "window.declossReady && window.declossRestored"
CLIPBOARD = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })"
COVERED = """selector => {
  const [card, target] = ["#tour", selector].map((each) => document.querySelector(each).getBoundingClientRect());
  return target.bottom > card.top && target.top < card.bottom && target.right > card.left && target.left < card.right;
}"""
STEPS = (("Smooth", "Compare"), ("Why", "COO playground"), ("Frequency", "Frequency"), ("Contrast", "Contrast"))


def ready(page: Page) -> Page:
    page.wait_for_function(READY, timeout=WAIT)
    return page


def expect_step(page: Page, index: int) -> None:
    title, tab = STEPS[index]
    expect(page.locator("#tour-title")).to_have_text(f"{index + 1} of 4: {title}", timeout=WAIT)
    chosen = page.locator("#tabs > .tab-wrapper [role=tab][aria-selected=true]").first
    expect(chosen).to_have_text(tab, timeout=WAIT)


def value(page: Page, control: str) -> Any:
    return page.locator(f"#{control} input[type=number]")


def test_the_copied_link_is_the_address_with_its_view_and_without_a_key(visit: Callable[..., Page]) -> None:
    page = ready(visit("x=20&view=other&key=very-private&owner_token=t&__theme=light#somewhere"))
    page.evaluate(CLIPBOARD)
    page.click("#copy-link")
    expect(page.locator("#copy-link-said")).to_have_text("Copied")
    expect(page.locator("#copy-link-said")).to_have_attribute("role", "status")  # read aloud
    link = urlsplit(page.evaluate("window.copied"))
    assert parse_qs(link.query) == {"x": ["20"], "view": ["other"], "__theme": ["light"]} and not link.fragment
    assert not page.locator("body.view-show, #tour").count()  # an unknown view is ignored

    page.evaluate(NO_CLIPBOARD)  # as on a page that is not served over https
    page.evaluate("document.execCommand = (name) => { window.by = name; return false; }")
    page.click("#copy-link")
    field = page.locator("#copy-link-text")
    expect(field).to_be_visible()
    expect(field).to_have_value(link.geturl())
    assert page.evaluate("window.by === 'copy' && getSelection().toString()") == link.geturl()
    expect(page.locator("#copy-link-said")).to_have_text("Copy the selected link")
    page.keyboard.press("Tab")
    expect(field).to_be_hidden()
    expect(page.locator("#copy-link")).to_contain_text("Copy link", timeout=WAIT)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_link_shows_a_figure_alone_with_the_control_it_lives_from(visit: Callable[..., Page], width: int) -> None:
    page = ready(visit("view=show&tab=frequency&f.mu=0.1", width))
    expect(page.locator("#frequency-mask canvas").first).to_be_visible(timeout=WAIT)
    expect(value(page, "frequency-mu")).to_have_value("0.1", timeout=WAIT)
    hidden = page.locator("#title, #photo-panel, #tabs [role=tablist], #sentence, #frequency-alpha")
    assert hidden.count() == 5 and not [one for one in hidden.all() if one.is_visible()]
    link = page.get_by_role("link", name="Show the controls")
    back, first = link.bounding_box(), page.locator("#tab-frequency").bounding_box()
    assert back and first and back["y"] + back["height"] <= first["y"]  # it covers nothing
    link.click()
    expect(page.locator("#frequency-alpha")).to_be_visible()
    expect(page.locator("#title")).to_be_visible()
    assert "view=" not in page.url and "f.mu=0.1" in page.url


def test_a_link_runs_at_once_what_otherwise_takes_a_click(visit: Callable[..., Page]) -> None:
    toy = ready(visit("view=show&tab=playground&t.steps=20"))
    expect(toy.locator("#toy-stage")).to_contain_text("Done: 20 steps", timeout=WAIT)
    compare = ready(visit("view=show&models=bicubic"))
    expect(compare.locator("#viewer .v-layer-left img[src]")).to_be_visible(timeout=WAIT)
    expect(compare.locator("#run-panel")).to_be_hidden()


def test_the_tour_is_walked_by_keyboard_and_sets_the_controls_and_puts_them_back(visit: Callable[..., Page]) -> None:
    page = ready(visit("tab=contrast&c.share=5&models=bicubic"))
    expect(value(page, "contrast-share")).to_have_value("5", timeout=WAIT)
    before = page.url
    page.locator("#tour-start").focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    expect(card).to_have_attribute("aria-modal", "false")
    expect_step(page, 0)
    expect(page.locator("#tour-next")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect_step(page, 1)
    page.keyboard.press("Enter")  # Next has the focus
    expect_step(page, 2)
    expect(value(page, "frequency-mu")).to_have_value("0.1", timeout=WAIT)
    page.wait_for_function("location.search.includes('f.mu=0.1')", timeout=WAIT)  # as when a visitor moves it
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)
    expect(value(page, "contrast-share")).to_have_value("10", timeout=WAIT)
    expect(page.locator("#tour-end")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect_step(page, 2)
    page.go_back()  # the browser's own: the card follows
    expect_step(page, 3)
    page.get_by_role("button", name="End and put the page back").press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator("#tour-start")).to_be_focused()
    page.wait_for_url(before, timeout=WAIT)
    expect(value(page, "contrast-share")).to_have_value("5", timeout=WAIT)


@pytest.mark.parametrize("query", ["view=tour", "tour=1"])
def test_a_link_starts_the_tour_whose_card_covers_nothing_and_escape_ends_it(
    visit: Callable[..., Page], query: str
) -> None:
    page = ready(visit(f"{query}&models=bicubic", 390 if query == "view=tour" else 1440))
    expect_step(page, 0)
    page.click("#tour-next")
    page.click("#tour-next")
    expect_step(page, 2)
    mask = "#frequency-mask canvas"
    expect(page.locator(mask).first).to_be_visible(timeout=WAIT)
    page.wait_for_function(f"!({COVERED})('{mask}')", timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.wait_for_function("location.search.includes('f.mu=0.1')", timeout=WAIT)
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.locator("#tour-start")).to_be_focused()
    assert "tour" not in page.url and "f.mu=0.1" in page.url
