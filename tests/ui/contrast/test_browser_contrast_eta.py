"""A person opens the Contrast tab and moves eta, in a real browser."""

import math
import re
from collections.abc import Callable
from functools import partial

import pytest
from browser_page import WAIT, drag_slider, drag_smoothly, expect_no_inner_scroll_bars, wait_until
from contrast_page import asks_for, click_at, expect_marks, open_contrast
from playwright.sync_api import Page, Route, expect


@pytest.fixture
def open_tab(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the tab in a page of its own."""
    return partial(open_contrast, visit)


def test_it_opens_at_10_per_cent_on_the_mini_patch_with_the_most_positives_and_eta_stays_in_sight(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab("c.p=16")
    expect(page.locator("#contrast-model input")).to_have_value("edsr-l1")
    facts = page.locator("#contrast-facts")
    expect(facts).to_contain_text("10.0 %")
    expect_marks(page)
    counts = []
    for row, column in ((0, 0), (3, 3), (6, 9), (10, 2)):
        if row:
            click_at(page.locator("#contrast-hr .patches"), (column - 0.5) / 12, (row - 0.5) / 12)
            expect(facts).to_contain_text(f"row {row}, column {column}", timeout=WAIT)
            expect_marks(page)
        counts.append(int(str(page.locator(".pair").get_attribute("data-positives"))))
    assert counts[0] == max(counts) > 14  # the mean
    assert page.evaluate("document.querySelector('#contrast-first input').closest('#contrast-share') !== null")
    for width, room in ((1440, 700), (390, 654)):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("window.scrollTo(0, 0)")
        top, box = (page.locator(name).bounding_box() for name in ("#contrast-introduction", "#contrast-hr"))
        assert top and box and box["y"] + box["height"] - top["y"] < room
        page.locator("#contrast-histogram").scroll_into_view_if_needed()
        expect(page.locator("#contrast-share")).to_be_in_viewport(ratio=1)
    expect(page.locator("#contrast-formula .katex-display").first).to_be_hidden()
    page.locator("#contrast-formula button").first.click()
    expect_no_inner_scroll_bars(page, "#contrast-formula")
    page.set_viewport_size({"width": 1440, "height": 844})
    expect_no_inner_scroll_bars(page, "#contrast-formula")
    expect(page.locator("#contrast-introduction .tip")).to_contain_text("mini-patch")


def test_pictures_and_histogram_follow_a_drag_without_the_server_which_hears_the_last_value(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    before = int(str(page.locator(".pair").get_attribute("data-positives")))
    drag = drag_smoothly(page, "contrast-share", 0.2, 0.8)
    assert drag.asked_during == [] and 35 < float(drag.value) < 45
    marked = int(str(page.locator(".pair").get_attribute("data-positives")))
    assert marked > before
    facts = page.locator("#contrast-facts")
    expect(facts).to_contain_text(f"{float(drag.value):.1f} %", timeout=WAIT)
    expect(facts).not_to_have_class(re.compile(r"\bold\b"))
    expect_marks(page)
    assert int(str(page.locator(".pair").get_attribute("data-positives"))) == pytest.approx(marked, abs=2)
    assert all(float(drag.value) in request["data"] for request in drag.asked_after if len(request["data"]) > 8)
    # Alpha moves M and the line with it, as the server then says, too.
    plot = page.locator(".m-histogram")
    eta = float(str(plot.get_attribute("data-eta")))
    alpha = drag_slider(page, "contrast-alpha", 0.2, 0.6, moves=5)
    live = float(str(plot.get_attribute("data-eta")))
    assert live == pytest.approx(eta - 40 * math.log10(float(alpha.value)), abs=1e-6)
    expect(facts).to_contain_text(f"{live:.2f}".replace("-", "−"), timeout=WAIT)


AWAY_AND_BACK = """([control, away]) => {
  const bar = document.querySelector(`#${control} input[type=range]`);
  const before = bar.value;
  for (const value of [away, before]) {
    bar.value = value;
    bar.dispatchEvent(new Event("input", { bubbles: true }));
  }
  bar.dispatchEvent(new Event("change", { bubbles: true }));
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def test_a_slider_that_is_let_go_where_it_was_waits_for_no_answer(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    plot = page.locator(".m-histogram")
    before = plot.get_attribute("data-eta"), plot.get_attribute("data-share")
    for control, away in (("contrast-share", 33), ("contrast-alpha", 2)):
        page.evaluate(AWAY_AND_BACK, [control, away])
        expect(page.locator("#contrast-facts")).not_to_have_class(re.compile(r"\bold\b"))
        assert (plot.get_attribute("data-eta"), plot.get_attribute("data-share")) == before
    expect_marks(page)


@pytest.mark.parametrize("control", ["contrast-share", "contrast-alpha"])
def test_a_slider_that_is_back_before_any_other_answer_came_leaves_nothing_marked_as_old(
    open_tab: Callable[..., Page], control: str
) -> None:
    page = open_tab()
    plot, facts = page.locator(".m-histogram"), page.locator("#contrast-facts")
    before = str(plot.get_attribute("data-eta"))
    asks_for_pictures, asks_for_tables = asks_for(page, "show_view"), asks_for(page, "show_slopes")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if asks_for_pictures(route.request) and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", hold)
    slider = page.locator(f"#{control} input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    wait_until(page, lambda: held)
    expect(facts).to_have_class(re.compile(r"\bold\b"))
    with page.expect_request(asks_for_tables, timeout=WAIT):  # the view is that of before again
        slider.press("ArrowLeft")
    with page.expect_request(asks_for_pictures, timeout=WAIT):  # the first answer is there
        held[0].continue_()
    expect(facts).not_to_have_class(re.compile(r"\bold\b"))
    expect(plot).to_have_attribute("data-eta", before)
    expect_marks(page)
