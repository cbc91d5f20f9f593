"""A person drags the sliders of the Frequency tab, in a real browser."""

from collections.abc import Callable
from functools import partial

import pytest
from browser_page import WAIT, drag_slider, drag_smoothly, expect_no_inner_scroll_bars
from frequency_page import open_frequency, wait_for_enhanced, wait_for_mask
from playwright.sync_api import Page, expect


@pytest.fixture
def open_tab(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the tab in a page of its own."""
    return partial(open_frequency, visit)


def test_a_drag_is_drawn_without_lag_or_requests_and_its_last_value_alone_is_told(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    wait_for_enhanced(page, 1, 0.25)
    drag = drag_smoothly(page, "frequency-mu", 0.2, 0.8)
    assert drag.asked_during == []
    share = float(drag.value)
    assert 0.75 < share < 0.9
    wait_for_mask(page, 1, share * 192, 192)
    wait_for_enhanced(page, 1, share)
    told = [value for request in drag.asked_after for value in request["data"] if isinstance(value, float)]
    assert told and set(told) == {share}
    page.wait_for_function("share => new URLSearchParams(location.search).get('f.mu') === share", arg=drag.value)
    alpha = drag_slider(page, "frequency-alpha", 0.3, 0.9, moves=5)
    assert alpha.asked_during == []
    wait_for_mask(page, float(alpha.value), share * 192, 192)
    wait_for_enhanced(page, float(alpha.value), share)


def test_a_finger_drags_too(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    wait_for_enhanced(page, 1, 0.25)
    drag = drag_slider(page, "frequency-mu", 0.25, 0.7, moves=6, touch=True)
    assert drag.asked_during == [] and 0.6 < float(drag.value) < 0.8
    wait_for_enhanced(page, 1, float(drag.value))


@pytest.mark.parametrize(("width", "room"), [(1440, 700), (390, 640)])
def test_it_opens_with_a_smooth_network_the_mask_above_the_fold_and_formulas_that_unfold_whole(
    open_tab: Callable[..., Page], width: int, room: int
) -> None:
    page = open_tab()
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("#frequency-model input")).to_have_value("edsr-l1")
    expect(page.locator("#frequency-pictures figcaption").nth(2)).to_have_text(
        "EDSR · pixel loss edsr-l1", timeout=WAIT
    )
    # Head and bar of the page leave so much of a window of 900 or 844 pixels.
    top = page.locator("#frequency-introduction").bounding_box()
    for square in page.locator(".mask-square").all():
        box = square.bounding_box()
        assert top and box and box["y"] + box["height"] - top["y"] < room
    expect(page.locator("#frequency .katex-display").first).to_be_hidden()
    page.locator("#frequency-formula button").first.click()
    expect_no_inner_scroll_bars(page, "#frequency-formula")
    expect(page.locator("#frequency-formula .katex-display")).to_have_count(2)  # its equations are set
    expect(page.locator("#frequency-hint .tip")).to_contain_text("DC")
