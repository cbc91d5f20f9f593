"""A person looks at the contrast between mini-patches, in a real browser."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from browser_page import WAIT, expect_to_fit, set_number, unfold
from contrast_page import FAST, click_at, expect_marks, open_contrast
from playwright.sync_api import Locator, Page, Route, expect

JOIN = "/queue/join"
PLACE_IDS = """() => window.gradio_config.components
  .filter(({ props }) => ["contrast-row", "contrast-column"].includes(props.elem_id)).map(({ id }) => id)"""


@pytest.fixture
def open_tab(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the tab in a page of its own."""
    return partial(open_contrast, visit)


def hold_requests(page: Page) -> Callable[[], None]:
    """From here on nothing is asked of the server until the function that this gives is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def release() -> None:
        for route in held:
            route.fulfill(response=route.fetch())
        page.unroute("**/queue/join*")

    page.route("**/queue/join*", hold)
    return release


def test_clicks_on_pictures_and_maps_and_keys_choose_and_the_tab_fits_a_phone(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"{FAST}&c.by=dB&c.eta=9")
    expect(page.locator(".m-histogram")).to_have_attribute("data-eta", "9", timeout=WAIT)
    facts = page.locator("#contrast-facts")
    images = page.locator("#contrast-hr img, #contrast-sr img, .contrast-maps img")
    expect(images).to_have_count(7, timeout=WAIT)
    assert all(images.nth(index).get_attribute("alt") for index in range(7))
    sliders = page.evaluate(PLACE_IDS)
    assert len(sliders) == 2
    asked: list[int] = []  # by which component
    page.on(
        "request", lambda request: asked.append(request.post_data_json["trigger_id"]) if JOIN in request.url else None
    )
    for place, x, y, expected in (
        ("#contrast-hr .patches", 0.99, 0.01, "row 1, column 12"),
        ("#contrast-sr .patches", 0.3, 0.7, "row 9, column 4"),
        ("#contrast-loss-map .map", 0.98, 0.98, "row 12, column 12"),
        ("#contrast-row-maps .map >> nth=2", 0.01, 0.54, "row 7, column 1"),
    ):
        click_at(page.locator(place), x, y)
        expect(facts).to_contain_text(expected, timeout=WAIT)
        expect(page.locator("#contrast-hr .patches")).to_have_attribute(
            "aria-label", re.compile(f"{expected} of 12 is chosen"), timeout=WAIT
        )
        expect_marks(page)
    # A click is one question. Two, the first with the new row and the old column, could be answered in either order.
    assert len(asked) >= 4 and not set(asked) & set(sliders)
    unfold(page.locator("#contrast-placing button"))
    slider = page.locator("#contrast-column input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    expect(facts).to_contain_text("row 7, column 2", timeout=WAIT)
    assert set(asked) & set(sliders)
    expect(page).to_have_url(re.compile(r"c\.row=7&c\.col=2|c\.col=2.*c\.row=7"))
    page.locator("#contrast-hr .patches").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(facts).to_contain_text("row 8, column 3", timeout=WAIT)

    page.set_viewport_size({"width": 390, "height": 1000})
    expect(page.locator("#contrast-gradient img")).to_be_visible(timeout=WAIT)
    expect_to_fit(page)
    names = ("hr", "sr", "loss-map", "gradient")
    hr, sr, losses, gradient = (page.locator(f"#contrast-{name} img").bounding_box() or {} for name in names)
    for left, right in ((hr, sr), (losses, gradient)):  # what is compared stays side by side
        assert left["y"] == pytest.approx(right["y"], abs=2) and left["x"] + left["width"] < right["x"]
        assert left["x"] >= 0 and right["x"] + right["width"] <= 390
        assert min(left["width"], right["width"]) > 160


def test_the_lines_move_without_the_server_which_says_the_same_and_eta_takes_over_from_the_share(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    facts = page.locator("#contrast-facts")
    plot, eta, share = (page.locator(name) for name in (".m-histogram", "#contrast-eta", "#contrast-share"))
    expect(share).to_be_visible()
    expect(eta).to_be_hidden()
    release = hold_requests(page)
    set_number(page, "contrast-share", 20)
    expect(plot).to_have_attribute("data-share", "0.2")
    live = float(str(plot.get_attribute("data-eta")))
    release()
    expect(facts).to_contain_text("20.0 %", timeout=WAIT)
    found = float(str(plot.get_attribute("data-eta")))
    assert found == pytest.approx(live, abs=0.11)  # a bin of the histogram
    page.locator("#contrast-by label").nth(1).click()
    expect(eta).to_be_visible(timeout=WAIT)
    expect(share).to_be_hidden()
    expect(facts).to_contain_text(f"{round(found, 1):.2f} dB".replace("-", "−"), timeout=WAIT)

    set_number(page, "contrast-eta", 9)
    expect(facts).to_contain_text("9.00 dB", timeout=WAIT)
    expect(plot).to_have_attribute("data-eta", "9", timeout=WAIT)
    release = hold_requests(page)
    slider = eta.locator("input[type=range]")
    slider.focus()
    for _ in range(7):
        slider.press("ArrowRight")
    expect(plot).to_have_attribute("data-eta", "9.7")
    expect(facts).to_contain_text("9.00 dB")  # the server has not answered
    live = float(str(plot.get_attribute("data-share")))
    assert 0 < live < 1
    release()
    expect(facts).to_contain_text("9.70 dB", timeout=WAIT)
    # The server's own share, of M itself; rounding may turn a pair or two of 10,296.
    expect(plot).to_have_attribute("data-eta", "9.7")
    assert float(str(plot.get_attribute("data-share"))) == pytest.approx(live, abs=2 / 10_296)
    shown = re.search(r"([\d.]+) %", facts.inner_text())
    assert shown and float(shown[1]) == pytest.approx(100 * live, abs=0.06)


def test_alpha_and_eta_together_leave_the_loss_and_a_link_reopens_it(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    facts = page.locator("#contrast-facts")
    before = loss_of(facts)
    rows = page.locator("#contrast-knob tbody tr")
    page.click("#contrast-double")
    expect(rows.first).to_contain_text("as chosen2", timeout=WAIT)
    assert loss_of(facts) == before
    assert [row.locator("td").last.inner_text() for row in rows.all()] == [before, before]
    expect(page).to_have_url(re.compile(r"c\.alpha=2(&|$)"))
    other = open_tab(page.url.partition("?tab=contrast&")[2])
    expect(other.locator("#contrast-facts")).to_have_text(str(facts.text_content()), timeout=WAIT)
    expect(other.locator("#contrast-knob tbody tr").first).to_contain_text("as chosen2", timeout=WAIT)


def test_alpha_that_is_doubled_twice_in_quick_succession_is_four_times_as_large(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    before = loss_of(page.locator("#contrast-facts"))
    release = hold_requests(page)
    for _ in range(2):
        page.click("#contrast-double")
    release()
    rows = page.locator("#contrast-knob tbody tr")
    expect(rows.first).to_contain_text("as chosen4", timeout=WAIT)
    assert [row.locator("td").last.inner_text() for row in rows.all()] == [before, before]


def test_presets_and_every_other_control(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    facts = page.locator("#contrast-facts")
    table = page.locator("#contrast-temperatures tbody tr")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    press("all positive")
    expect(facts).to_contain_text("Every pair is positive", timeout=WAIT)
    expect(page.locator("#contrast-gradient")).to_contain_text("there is no gradient", timeout=WAIT)
    press("defaults")  # P too
    expect(facts).to_contain_text("All 576 mini-patches", timeout=WAIT)
    set_number(page, "contrast-p", 1)
    expect(facts).to_contain_text("All 2,304 mini-patches, from 48 × 48 pixels", timeout=WAIT)
    unfold(page.locator("#contrast-placing button"))
    set_number(page, "contrast-row", 48)
    expect(facts).to_contain_text("row 48", timeout=WAIT)
    set_number(page, "contrast-p", 13)
    expect(facts).to_contain_text("from 182 × 182 pixels", timeout=WAIT)
    expect(facts).to_contain_text("row 14", timeout=WAIT)
    eta = re.compile(r"η\s*([−\d.]+) dB")
    for act in (lambda: press("DC suppressed"), lambda: set_number(page, "contrast-alpha", 0.5)):
        found = eta.search(facts.inner_text())
        assert found
        act()
        expect(facts).not_to_contain_text(f"{found[1]} dB", timeout=WAIT)
    loss = loss_of(facts)
    set_number(page, "contrast-tpos", 0.1)
    expect(table).to_have_count(4, timeout=WAIT)
    expect(table.nth(1)).to_contain_text("none at all")  # printed temperatures have no gradient
    expect(facts).not_to_contain_text(loss)
    set_number(page, "contrast-tneg", 0.3)
    expect(table.nth(3).locator("td").nth(1)).to_have_text("0.3", timeout=WAIT)
    press("inside")
    expect(table).to_have_count(2, timeout=WAIT)
    expect(page.locator("#contrast-temperatures tr.chosen")).to_contain_text("inside the exponent", timeout=WAIT)
    press("printed temperatures")
    expect(page.locator("#contrast-temperatures tr.chosen")).to_contain_text("outside, as printed", timeout=WAIT)
    page.locator("#contrast-reading label").nth(1).click()
    expect(page.locator("#contrast-temperatures tr.chosen")).to_contain_text("inside the exponent", timeout=WAIT)
    before = page.locator("#contrast-sr img").get_attribute("src")
    page.locator("#contrast-model input").click()
    page.get_by_role("option", name="bicubic").click()
    expect(page.locator("#contrast-sr img")).not_to_have_attribute("src", str(before), timeout=WAIT)
    hr = page.locator("#contrast-hr img").get_attribute("src")
    set_number(page, "place-x", 20)
    expect(page.locator("#contrast-hr img")).not_to_have_attribute("src", str(hr), timeout=WAIT)


def loss_of(facts: Locator) -> str:
    """The loss over all, as it is printed."""
    return facts.locator("dd").nth(2).inner_text()
