"""A person goes back and forward: between tabs and photos, without the page being loaded anew."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import gradio as gr
import pytest
from browser_page import WAIT, reload, set_number, upload, wait_until
from conftest import sample_photo
from playwright.sync_api import Page, Route, expect

from decloss.files.examples import example_photos
from decloss.files.images import decode_photo, encode_png
from decloss.ui.parts.address import KEPT, OWN, Field, _moved, _photo, photo_named, read_query
from decloss.ui.parts.controls import Slider

SETTLED = "window.declossReady && window.declossRestored"
MANY_TICKED = "document.querySelectorAll('#checkpoints input:checked').length > 2"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("?tab=coo&o.seed=3&tab=paper", {"tab": "coo", "o.seed": "3"}),
        ("?x=&y", {"x": "", "y": ""}),
        ("?photo=%2e%2e%2f%00&x=%ff%fe", {"photo": "../\0", "x": "��"}),
        ("?x=%F0%9F%90%88&%zz=1", {"x": "🐈", "%zz": "1"}),
        ("?" + "&".join(f"a{i}=1" for i in range(300)), {}),
        ("tab=coo&" + "x" * 10**6, {"tab": "coo", "x" * (2000 - 8): ""}),
        *[(nonsense, {}) for nonsense in (None, 3, True, [], ["?x=1"], {"x": 1}, "", "?", "&&&=")],
    ],
)
def test_an_address_may_be_any_text(text: Any, read: dict[str, str]) -> None:
    assert {key: value for key, value in read_query(text).items() if key} == read


def test_only_what_the_address_changes_is_set_and_what_it_no_longer_says_goes_back_to_its_default() -> None:
    field = Field("x", gr.Slider(0, 100, value=50), Slider("", 0, 100, 0.5).from_address)
    assert _moved(field, {"x": "3"}, {"x": "3"}) is KEPT and _moved(field, {}, {"y": "1"}) is KEPT
    assert _moved(field, {}, {"x": "7"}) == 7 and _moved(field, {"x": "3"}, {}) == 50
    for nonsense in ("nan", "1e400", "٣", "<script>", "9" * 1999, "\0"):
        assert _moved(field, {"x": "3"}, {"x": nonsense}) in (50, 3), nonsense


def test_a_photo_stays_while_the_address_names_it() -> None:
    field = Field("photo", gr.Textbox("chelsea.png"), photo_named)
    assert _photo(field, {"photo": OWN}, OWN) == (KEPT, KEPT)
    assert _photo(field, {}, "chelsea.png") == (KEPT, KEPT)
    assert _photo(field, {}, OWN)[1] == "chelsea.png" and _photo(field, {"photo": OWN}, "chelsea.png")[1] == OWN
    for hostile in ("../../etc/passwd", "a" * 5000, "\0", "coffee.png/..", "C:\\x"):
        assert _photo(field, {"photo": hostile}, "chelsea.png") == (KEPT, KEPT)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    expect_tab(page, name)


def expect_tab(page: Page, name: str) -> None:
    expect(page.locator("#tabs > .tab-wrapper [role=tab][aria-selected=true]").first).to_have_text(name, timeout=WAIT)


def wait_for_quiet(page: Page, seconds: float = 1.5) -> None:
    """Wait until the address has stayed the same for so long: a busy browser takes its time between two moves."""
    address, since = page.url, time.monotonic()

    def quiet() -> bool:
        nonlocal address, since
        if page.url != address:
            address, since = page.url, time.monotonic()
        return time.monotonic() - since > seconds

    wait_until(page, quiet)


def number(page: Page, control: str) -> Any:
    return page.locator(f"#{control} input[type=number]")


@pytest.fixture
def settled(visit: Callable[..., Page]) -> Page:
    """A page that is ready, with a mark that would be gone if it were loaded anew."""
    page = visit("__theme=light")
    page.wait_for_function(SETTLED, timeout=WAIT)
    page.evaluate("window.mark = history.length")
    return page


def entries(page: Page) -> int:
    """How many entries the history got since the page was ready; fails if the page was loaded anew."""
    return int(page.evaluate("history.length - window.mark"))


def test_back_and_forward_move_between_tabs_with_their_controls(settled: Page) -> None:
    page = settled
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.4)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.4"), timeout=WAIT)
    set_number(page, "frequency-mu", 0.5)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.5"), timeout=WAIT)
    assert entries(page) == 1  # a control makes no entry
    open_tab(page, "Contrast")
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.7)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.7"), timeout=WAIT)
    page.go_back()
    expect_tab(page, "Contrast")
    page.go_back()
    expect_tab(page, "Frequency")
    expect(number(page, "frequency-mu")).to_have_value("0.5", timeout=WAIT)
    page.go_back()
    expect_tab(page, "Compare")
    expect(page).to_have_url(re.compile(r"\?__theme=light$"))  # what others wrote is kept
    page.go_forward()
    page.go_forward()
    page.go_forward()
    expect_tab(page, "Frequency")
    expect(number(page, "frequency-mu")).to_have_value("0.7", timeout=WAIT)
    assert entries(page) == 3


def test_a_tab_opens_before_the_server_answers(settled: Page) -> None:
    page = settled
    open_tab(page, "Contrast")
    open_tab(page, "Paper")
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    page.go_back()
    expect_tab(page, "Contrast")
    expect(page).to_have_url(re.compile(r"tab=contrast$"))
    wait_until(page, lambda: held)
    assert not page.evaluate("window.declossRestored")
    page.route("**/queue/join*", lambda route: route.continue_())
    for route in held:
        route.continue_()
    page.wait_for_function(SETTLED, timeout=WAIT)


def test_an_address_that_a_busy_server_refuses_to_read_is_read_a_moment_later(settled: Page) -> None:
    page, refused = settled, list[str]()
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.4)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.4"), timeout=WAIT)
    open_tab(page, "Contrast")

    def refuse(route: Route) -> None:
        match route.request.post_data_json["data"]:
            case [_, str(address), _, _] if "f.mu=0.4" in address and len(refused) < 2:
                refused.append(address)
                route.fulfill(status=299, json={})  # not 503, after which this page would count as broken
            case _:
                route.continue_()

    page.route("**/queue/join*", refuse)
    page.go_back()
    expect_tab(page, "Frequency")
    wait_until(page, lambda: len(refused) == 2)
    page.wait_for_function(SETTLED, timeout=WAIT)
    set_number(page, "frequency-mu", 0.6)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.6"), timeout=WAIT)


def test_what_a_link_sets_stands_in_the_entry_of_its_tab_also_where_that_is_drawn_late(settled: Page) -> None:
    page = settled
    page.evaluate("const told = declossWrite; declossWrite = (...values) => { window.last = values; told(...values); }")
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.4)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.4"), timeout=WAIT)
    page.evaluate("declossWrite(...last.map((value) => ({ frequency: 'coo', 0.4: 0.6 })[value] ?? value))")
    page.wait_for_timeout(200)
    open_tab(page, "COO")
    expect(page).to_have_url(re.compile(r"tab=coo"), timeout=WAIT)
    page.go_back()
    expect_tab(page, "Frequency")
    assert "f.mu=0.4" in page.url


def test_quick_back_and_forward_end_where_the_address_says(settled: Page) -> None:
    page = settled
    for name in ("Contrast", "COO", "Paper", "Frequency"):
        open_tab(page, name)
    page.evaluate("history.back(); history.back(); history.forward()")
    page.wait_for_url("**tab=paper*", timeout=WAIT)
    page.evaluate("() => { for (const by of [-1, -1, 1, -1, 1]) history.go(by); }")  # browsers leave some of them out
    wait_for_quiet(page)
    page.wait_for_function(SETTLED, timeout=WAIT)
    wait_for_quiet(page)  # nothing follows
    expect_tab(page, {"paper": "Paper", "coo": "COO", "contrast": "Contrast"}[parse_qs(page.url)["tab"][0]])
    assert entries(page) == 4
    for _ in range(4):
        if "tab=frequency" not in page.url:
            page.go_forward()
    expect_tab(page, "Frequency")


def test_a_page_that_was_loaded_anew_goes_back_and_forward_too(settled: Page) -> None:
    page = settled
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.4)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.4"), timeout=WAIT)
    open_tab(page, "Paper")
    reload(page)
    page.wait_for_function(SETTLED, timeout=WAIT)
    expect_tab(page, "Paper")
    page.go_back()
    expect_tab(page, "Frequency")
    page.wait_for_function(SETTLED, timeout=WAIT)
    expect(number(page, "frequency-mu")).to_have_value("0.4", timeout=WAIT)
    page.go_forward()
    expect_tab(page, "Paper")


def choose_example(page: Page, index: int, size: str) -> None:
    page.locator("#photo-row .example").nth(index).click()
    expect_photo(page, size)


def expect_photo(page: Page, size: str) -> None:
    expect(page.locator("#photo-note")).to_contain_text(size, timeout=WAIT)


def test_back_leads_to_the_photo_before_and_ones_own_is_shown_again(settled: Page, tmp_path: Path) -> None:
    page = settled
    choose_example(page, 4, "600 × 400")
    expect(page).to_have_url(re.compile(r"photo=coffee\.png"), timeout=WAIT)
    (tmp_path / "mine.png").write_bytes(encode_png(sample_photo(120, 160)))
    upload(page, tmp_path / "mine.png")
    expect(page).to_have_url(re.compile(r"photo=own"), timeout=WAIT)
    open_tab(page, "Contrast")
    page.go_back()
    expect_tab(page, "Compare")
    expect_photo(page, "160 × 120")
    page.go_back()
    expect_photo(page, "600 × 400")
    page.go_forward()
    expect_photo(page, "160 × 120")
    page.go_back()
    page.wait_for_url("**photo=coffee.png", timeout=WAIT)
    page.go_back()
    height, width = decode_photo(Path(example_photos()[0][0])).pixels.shape[:2]
    expect_photo(page, f"{width} × {height}")
    assert entries(page) == 3


def test_a_photo_that_is_chosen_before_the_page_is_ready_is_in_its_address(
    visit: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    page = visit(None)
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    page.goto(app_url)
    wait_until(page, lambda: held)
    page.route("**/queue/join*", lambda route: route.continue_())
    (tmp_path / "mine.png").write_bytes(encode_png(sample_photo(120, 160)))
    upload(page, tmp_path / "mine.png")
    expect_photo(page, "160 × 120")
    for route in held:
        route.continue_()
    page.wait_for_function(SETTLED, timeout=WAIT)
    expect(page).to_have_url(re.compile(r"photo=own"), timeout=WAIT)


def test_an_own_photo_that_the_server_has_deleted_is_said_to_be_gone(settled: Page, tmp_path: Path) -> None:
    page = settled
    (tmp_path / "mine.png").write_bytes(encode_png(sample_photo(120, 160)))
    upload(page, tmp_path / "mine.png")
    expect(page).to_have_url(re.compile(r"photo=own"), timeout=WAIT)
    choose_example(page, 4, "600 × 400")
    page.wait_for_url("**photo=coffee.png", timeout=WAIT)
    page.evaluate(
        "() => { const fetch = window.fetch; window.fetch = (url, options) =>"
        " options?.method === 'HEAD' ? Promise.resolve({ ok: false }) : fetch(url, options); }"
    )
    page.go_back()
    expect(page.locator("#photo-note")).to_contain_text("There is no photo", timeout=WAIT)
    expect(page).to_have_url(re.compile(r"photo=own"))


def test_a_link_in_the_page_moves_within_it_and_keeps_what_it_does_not_name(settled: Page) -> None:
    page = settled
    open_tab(page, "Frequency")
    set_number(page, "frequency-mu", 0.4)
    expect(page).to_have_url(re.compile(r"f\.mu=0\.4"), timeout=WAIT)
    query = urlencode({"tab": "compare", "models": "bicubic~tiny-a"})
    page.evaluate(
        "query => { const link = document.querySelector('.gradio-container').appendChild(document.createElement('a'));"
        "link.href = '?' + query; link.id = 'claim'; link.textContent = 'its networks'; }",
        query,
    )
    page.locator("#claim").evaluate("link => link.click()")
    expect_tab(page, "Compare")
    page.wait_for_function(SETTLED, timeout=WAIT)
    ticked = page.locator("#checkpoints input:checked")
    expect(ticked).to_have_count(2, timeout=WAIT)
    page.go_back()
    expect_tab(page, "Frequency")
    expect(number(page, "frequency-mu")).to_have_value("0.4")
    page.wait_for_function(MANY_TICKED, timeout=WAIT)
    page.locator("#claim").evaluate("link => { link.click(); history.back(); }")  # before the server has answered
    page.wait_for_function(f"{SETTLED} && {MANY_TICKED}", timeout=WAIT)
    expect_tab(page, "Frequency")
    expect(number(page, "frequency-mu")).to_have_value("0.4")
    expect(page).to_have_url(re.compile(r"\?(?!.*models=).*f\.mu=0\.4"))
