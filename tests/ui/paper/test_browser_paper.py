"""A person reads the Paper tab, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from browser_page import WAIT, expect_to_fit
from conftest import visits
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(scope="module")
def paper(browser: Browser, app_url: str) -> Iterator[Page]:
    """The tab in a page that the tests share: none leaves another benchmark or size behind."""
    with visits(browser, app_url) as visit:
        page = visit("tab=paper")
        expect(page.locator("#paper-tables table").first).to_be_visible(timeout=WAIT)
        yield page


def column(page: Page, table: int, index: int) -> list[str]:
    return page.locator(f"#paper-tables section:nth-of-type({table}) tbody td:nth-child({index + 1})").all_inner_texts()


def show_figures(page: Page) -> None:
    """Pictures are loaded once they are near the window."""
    page.get_by_text("Fig. 5: does ICOO rank models").scroll_into_view_if_needed()
    expect(page.get_by_role("img", name="ICOO against LPIPS, a point a model")).to_be_visible(timeout=WAIT)


def test_a_table_sorts_by_any_column_with_mouse_and_keyboard(paper: Page) -> None:
    section = paper.locator("#paper-tables section", has_text="Table 1, on").first
    table = 1 + section.evaluate("node => [...node.parentNode.querySelectorAll(':scope > section')].indexOf(node)")
    lpips = section.get_by_role("button", name="paper: LPIPS")
    lpips.click()
    values = [float(text) for text in column(paper, table, 4) if text]
    assert values == sorted(values) and len(values) == 10
    expect(section.locator("th[aria-sort=ascending]")).to_have_count(1)
    lpips.focus()
    paper.keyboard.press("Enter")
    values = [float(text) for text in column(paper, table, 4) if text]
    assert values == sorted(values, reverse=True)
    assert column(paper, table, 4)[-1] == ""  # the row without a number stays last


def test_a_checkpoint_of_the_table_opens_in_compare(paper: Page, visit: Callable[..., Page]) -> None:
    address = paper.locator("#paper-tables a", has_text="edsr-l1").first.get_attribute("href")
    assert address
    opened = visit(address.removeprefix("?"))
    expect(opened.locator("#checkpoints")).to_be_visible(timeout=WAIT)
    boxes = opened.locator("#checkpoints input[type=checkbox]")
    expect(boxes.nth(0)).to_be_checked(timeout=WAIT)
    expect(boxes.nth(boxes.count() - 1)).not_to_be_checked(timeout=WAIT)
    chosen = [box.locator("xpath=..").inner_text().strip() for box in boxes.all() if box.is_checked()]
    assert chosen[0] == "bicubic" and len(chosen) == 2 and chosen[1].startswith("edsr-l1")


def test_figures_say_what_they_show_and_the_benchmark_can_be_changed(paper: Page) -> None:
    show_figures(paper)
    names = paper.locator("#paper-data label").all_inner_texts()
    for name in (*names[1:], names[0]):
        paper.locator("#paper-data label", has_text=name.strip()).click()
        expect(paper.locator("#paper-tables h2").first).to_contain_text(f"On {name.strip()}", timeout=WAIT)
    expect(paper.get_by_text("How we read the paper, in short")).to_be_visible()
    paper.set_viewport_size({"width": 390, "height": 1000})
    expect_to_fit(paper)
    paper.set_viewport_size({"width": 1440, "height": 1000})
