"""A person reads the Paper tab, in a real browser."""

import re
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
        page.wait_for_function("window.declossReady", timeout=WAIT)  # the tables are no more drawn anew
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
    lpips = section.get_by_role("button", name="paper LPIPS")
    at = lpips.evaluate("node => node.closest('th').cellIndex")
    lpips.click()
    values = [float(text) for text in column(paper, table, at) if text]
    assert values == sorted(values) and len(values) == 10
    expect(section.locator("th[aria-sort=ascending]")).to_have_count(1)
    lpips.focus()
    paper.keyboard.press("Enter")
    values = [float(text) for text in column(paper, table, at) if text]
    assert values == sorted(values, reverse=True)
    assert column(paper, table, at)[-1] == ""  # the row without a number stays last


def test_no_table_scrolls_sideways_at_either_size(paper: Page) -> None:
    wide = (
        "() => [...document.querySelectorAll('.results .wide, .results td')]"
        ".filter(node => node.scrollWidth > node.clientWidth + 1)"
    )
    for width in (1440, 390):
        paper.set_viewport_size({"width": width, "height": 900})
        expect_to_fit(paper, f"() => ({wide})().map(node => node.textContent)")
    paper.set_viewport_size({"width": 1440, "height": 1000})


def expect_pair(page: Page, left: str, right: str) -> None:
    """Exactly these two are ticked, and the viewer shows one on each side."""
    ticked = page.locator("#checkpoints label:has(input:checked)")
    expect(ticked).to_have_text([re.compile(rf"\({name}\)\s*$") for name in (left, right)], timeout=WAIT)
    expect(page.locator("#viewer .v-left")).to_have_value(left, timeout=WAIT)
    expect(page.locator("#viewer .v-right")).to_have_value(right, timeout=WAIT)
    for layer in ("left", "right"):
        shown = page.locator(f"#viewer .v-layer-{layer} img")
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_claim_opens_its_two_networks_in_compare_and_runs_them_in_the_page_or_in_a_new_tab(
    visit: Callable[..., Page],
) -> None:
    # The viewer has another pair before, of which one side is the claim's other one.
    page = visit("tab=paper&left=edsr-l1-vgg-dec&right=bicubic")
    claim = page.locator("#paper-tables a", has_text="LPIPS of EDSR + VGG + DECLoss is below that of EDSR + VGG").first
    expect(claim).to_be_visible(timeout=WAIT)
    address = claim.get_attribute("href")
    page.evaluate("window.untouched = true")
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    claim.click()
    expect(page.locator("#status")).to_contain_text("Done", timeout=WAIT)
    expect(page.locator("#scores tbody tr")).to_have_count(2, timeout=WAIT)  # it ran, and those two alone
    expect_pair(page, "edsr-l1-vgg", "edsr-l1-vgg-dec")
    assert page.evaluate("window.untouched") and "models=edsr-l1-vgg%7Eedsr-l1-vgg-dec" in page.url
    page.go_back()
    expect(claim).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("tab", name="Paper", exact=True)).to_have_attribute("aria-selected", "true")
    page.wait_for_function("window.declossRestored && location.search.includes('tab=paper')", timeout=WAIT)
    assert page.evaluate("window.untouched") and "left=edsr-l1-vgg-dec&right=bicubic" in page.url
    assert address
    expect_pair(visit(address.removeprefix("?")), "edsr-l1-vgg", "edsr-l1-vgg-dec")


def test_links_to_other_tabs_stay_in_the_page(visit: Callable[..., Page]) -> None:
    page = visit("tab=paper")
    expect(page.locator("#paper-tables table").first).to_be_visible(timeout=WAIT)
    page.evaluate("window.untouched = true")
    page.get_by_role("link", name="See it in Frequency").click()
    page.wait_for_function("location.search.includes('tab=frequency') && window.untouched", timeout=WAIT)


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


@pytest.mark.parametrize(("width", "across"), [(1440, 3), (390, 1)])
def test_the_curves_can_be_read_on_a_wide_page_and_on_a_phone(paper: Page, width: int, across: int) -> None:
    paper.set_viewport_size({"width": width, "height": 1000})
    paper.get_by_role("heading", name="PSNR against LPIPS, along the weights").scroll_into_view_if_needed()
    places, letters = [], []
    for number, title in enumerate(("Beside L1", "Beside L1 and VGG", "Controls beside L1")):
        figure = paper.locator(f"#paper-along-{number} svg")
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("aria-label", f"PSNR against LPIPS, along the weights: {title}", timeout=WAIT)
        place = figure.bounding_box()
        assert place and place["width"] > 300 and place["x"] + place["width"] <= width
        places.append(place)
        letters += figure.evaluate(
            "svg => [...svg.querySelectorAll('text')].map(e => e.getBoundingClientRect().height)"
        )
    assert len({round(place["x"]) for place in places}) == across
    assert len(letters) > 60 and min(letters) >= 9
    paper.set_viewport_size({"width": 1440, "height": 1000})


def test_claims_at_equal_psnr_have_their_verdicts(paper: Page) -> None:
    section = paper.locator("#paper-tables section", has_text="Does DECLoss help, at equal PSNR?")
    expect(section).to_have_count(1)
    assert section.locator("td .verdict").count() == section.locator("tbody tr").count() >= 7
    expect(section.locator(".verdicts")).to_contain_text("claims:")
