"""The head of the page, and the place of the photo in each tab, as a person sees them first."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_page import WAIT, open_tab, reload
from conftest import visits
from playwright.sync_api import Browser, FloatRect, Page, expect

from decloss.files.examples import FIRST_PLACE, example_photos
from decloss.files.images import decode_photo
from decloss.ui.head import SENTENCE, TITLE
from decloss.ui.interface import TABS

WITHOUT_PHOTO = ("playground", "paper")
BAR = 64


@pytest.fixture(scope="module")
def page(browser: Browser, app_url: str) -> Iterator[Page]:
    with visits(browser, app_url) as visit:
        page = visit()
        page.wait_for_function("window.declossRestored", timeout=WAIT)
        yield page


def box_of(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).bounding_box()
    assert box
    return box


def bottom(page: Page, selector: str) -> float:
    box = box_of(page, selector)
    return box["y"] + box["height"]


def middles(page: Page, *selectors: str) -> list[float]:
    boxes = [page.locator(selector).bounding_box() for selector in selectors]
    return [box["y"] + box["height"] / 2 for box in boxes if box]


def test_title_tabs_and_buttons_are_one_line_and_the_whole_head_is_low(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_tab(page, "Compare")
    line = middles(page, "h1", "#tabs [role=tablist]", "#copy-link", "#theme")
    assert len(line) == 4 and max(line) - min(line) < 10
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page).to_have_title(TITLE)
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    row = middles(page, "#photo-row", "#your-photo", "#photo-row .example >> nth=-1", "#photo-change")
    assert len(row) == 4 and max(row) - min(row) < 10
    assert bottom(page, "#photo-panel") <= 170


def test_every_tab_is_whole_beside_title_and_buttons(page: Page) -> None:
    for width in (1280, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        ends = [box_of(page, "h1")["x"]]
        for part in ("h1", *(f"#tabs [role=tablist] [data-tab-id={name}]" for name in TABS)):
            box = box_of(page, part)
            assert box["x"] >= ends[-1], part
            ends.append(box["x"] + box["width"])
        strip = box_of(page, "#tabs [role=tablist]")
        assert ends[-1] <= strip["x"] + strip["width"] <= box_of(page, "#tour-start")["x"], width
        theme = box_of(page, "#theme")
        assert theme["x"] + theme["width"] <= width


def test_on_a_phone_the_tabs_scroll_and_the_chosen_one_comes_into_view(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_tab(page, "Compare")
    assert bottom(page, "#photo-panel") <= 230 and middles(page, "h1")[0] < middles(page, "#tabs [role=tablist]")[0]
    title = page.locator("h1")
    assert title.evaluate("node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight")
    assert box_of(page, "h1")["height"] < 40  # as high as the buttons beside it
    assert box_of(page, "h1")["x"] + box_of(page, "h1")["width"] <= box_of(page, "#tour-start")["x"]
    tabs = page.get_by_role("tablist").get_by_role("tab")
    assert tabs.all_inner_texts() == [title for title, _ in TABS.values()]
    assert page.locator("#tabs .overflow-menu").count() == 0
    for name in ("Paper", "Compare"):
        tab = page.get_by_role("tab", name=name, exact=True)
        # A link of another part of the page, or the address, chooses without a click that would scroll.
        tab.evaluate("node => node.click()")
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_be_in_viewport(ratio=0.95)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_photo_is_a_row_in_compare_a_low_bar_in_other_tabs_and_absent_where_none_is_used(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    width = decode_photo(Path(example_photos()[0][0])).pixels.shape[1]
    place = "{:.0f} % from the left, {:.0f} % from the top".format(*FIRST_PLACE)
    for name, (title, _) in TABS.items():
        open_tab(page, title)
        row, bar, panel = page.locator("#photo-row"), page.locator("#photo-bar"), page.locator("#photo-panel")
        if name in WITHOUT_PHOTO:
            expect(panel).to_be_hidden()
            continue
        expect(row).to_be_visible(visible=name == "compare")
        expect(bar).to_be_visible(visible=name != "compare")
        expect(page.locator("#photo-fold")).to_be_hidden()
        if name != "compare":
            box = panel.bounding_box()
            assert box and box["height"] <= BAR
            expect(page.locator(".bar-photo img")).to_have_js_property("naturalWidth", width, timeout=WAIT)
            expect(bar).to_contain_text(place)
            expect(page.get_by_role("button", name="Change", exact=True)).to_have_attribute("aria-expanded", "false")
    open_tab(page, "Frequency")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(row).to_be_visible()
    expect(page.get_by_role("slider", name="The place that all tabs look at")).to_be_visible()
    page.get_by_role("button", name="Credits of the examples").click()
    expect(page.get_by_text("Rachel Michetti, CC0")).to_be_visible()
    open_tab(page, "Contrast")  # a change of tab folds it
    expect(row).to_be_hidden()


def test_pictures_are_named_for_those_who_do_not_see_them(page: Page) -> None:
    open_tab(page, "Compare")
    examples = page.get_by_role("group", name="Example photos")
    for name in ("Chelsea the cat", "Flower", "Summer Palace", "Eileen Collins", "Coffee", "Falcon 9"):
        expect(examples.get_by_role("button", name=name)).to_have_count(1)
    pressed = [button.get_attribute("aria-pressed") for button in examples.get_by_role("button").all()]
    assert pressed == ["true", *["false"] * 5]  # the first is shown, and no other
    expect(examples.get_by_role("button").first).to_have_accessible_name("Summer Palace")


def test_the_link_is_copied_and_the_colours_are_kept(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app_url.rstrip("/"))
    page.bring_to_front()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#copy-link")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    dark = page.get_by_role("button", name="Dark colours")
    expect(dark).to_have_attribute("aria-pressed", "false")
    dark.click()
    expect(page.locator("body.dark")).to_have_count(1)
    reload(page)
    expect(page.locator("#theme[aria-pressed=true]")).to_have_count(1, timeout=WAIT)
    expect(page.locator("body.dark")).to_have_count(1)


def test_what_the_address_asks_for_comes_before_the_colours_that_were_kept(visit: Callable[..., Page]) -> None:
    page = visit("__theme=dark")
    page.get_by_role("button", name="Dark colours").click(timeout=WAIT)
    expect(page.locator("body.dark")).to_have_count(0)
    page.wait_for_url("**/?__theme=light")
