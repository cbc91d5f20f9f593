"""The page's state in its address: what is read back, what is ignored, and a person who copies a link."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_page import WAIT, choose_checkpoints, choose_example, set_number, unfold_place, upload
from conftest import sample_photo
from playwright.sync_api import Page, expect
from uploads import as_upload

from decloss.files.examples import example_photos
from decloss.files.images import decode_photo, encode_png
from decloss.ui.parts.address import OWN, choice, example_named
from decloss.ui.parts.controls import Several, Slider
from decloss.ui.photo.panel import NOT_IN_LINK, REFUSED, check_photo, show_place


def test_numbers_are_read_on_their_grid_and_within_their_range() -> None:
    percent = Slider("", 0, 100, 0.5)
    assert percent.from_address("33.3") == 33.5 and Slider("", 256, 2048, 64).from_address("500") == 512
    assert Slider("", 0, 1, 0.1, stepped=False).from_address("0.123") == 0.123
    for text in ("nan", "inf", "-1", "1e9", "x", "", "1;drop"):
        for slider in (percent, Slider("", 0, 100, 0.5, stepped=False)):
            with pytest.raises(ValueError, match=r".*"):
                slider.from_address(text)


def test_choices_are_read_if_they_exist() -> None:
    several = Several("", ("a", "b", "c")).from_address
    assert choice(("a", "b"))("b") == "b" and several("c~gone~a") == ["a", "c"]
    for read, text in ((choice(("a",)), "b"), (several, "x~y"), (example_named, "/etc/passwd")):
        with pytest.raises(ValueError, match=r".*"):
            read(text)


def test_every_example_is_recognised_by_its_pixels_and_read_back() -> None:
    for path, _ in example_photos():
        sent = as_upload(Path(path).read_bytes())
        _, note, digest, name = check_photo(sent, "")
        assert path.endswith(name) and name and "pixels" in note
        assert np.array_equal(example_named(name), decode_photo(Path(path)).pixels)
        assert check_photo(sent, digest)[2] == digest


def test_a_file_that_is_no_photo_is_taken_out_and_shows_no_place() -> None:
    instead, note, shown, example = check_photo(as_upload(b"text"), "")
    assert instead["path"] is None and "not an image" in note and shown == REFUSED and example == OWN
    assert show_place(as_upload(b"text"), 50, 50) is None and show_place(None, 50, 50) is None


DEFAULT = "name => gradio_config.components.find(({props}) => props.elem_id === name).props.value"


def ticked(page: Page) -> list[str]:
    """The names of the networks that are ticked, as the address writes them."""
    boxes = page.locator("#checkpoints input[type=checkbox]")
    return [box.get_attribute("name") or "" for box in boxes.all() if box.is_checked()]


def expect_place(page: Page, x: int) -> None:
    unfold_place(page)
    expect(page.locator("#place-x input[type=number]")).to_have_value(str(x), timeout=WAIT)


def test_a_copied_link_reopens_the_same_view(page: Page, visit: Callable[..., Page]) -> None:
    choose_example(page, "Coffee")
    expect(page.locator("#photo-note")).to_contain_text("600 × 400", timeout=WAIT)
    set_number(page, "place-x", 20)
    choose_checkpoints(page, "bicubic", "tiny-a")
    page.locator("#mode label").nth(1).click()
    page.wait_for_function("['photo', 'x', 'models', 'mode'].every(k => new URLSearchParams(location.search).has(k))")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["photo"] == ["coffee.png"] and asked["x"] == ["20"] and asked["models"] == ["bicubic~tiny-a"]

    other = visit(urlsplit(page.url).query)
    expect(other.locator("#photo-note")).to_contain_text("600 × 400", timeout=WAIT)
    expect_place(other, 20)
    expect(other.locator("#mode input").nth(1)).to_be_checked(timeout=WAIT)
    assert ticked(other) == ["bicubic", "tiny-a"]
    crops = [each.locator("#place").evaluate("canvas => canvas.toDataURL()") for each in (page, other)]
    assert crops[0] == crops[1] and len(crops[0]) > 10_000


def test_a_link_with_ones_own_photo_says_that_it_is_not_part_of_it(
    page: Page, visit: Callable[..., Page], tmp_path: Path
) -> None:
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    (tmp_path / "mine.png").write_bytes(encode_png(sample_photo(120, 160)))
    upload(page, tmp_path / "mine.png")
    expect(page.locator("#photo-note")).to_contain_text(f"160 × 120 pixels. {NOT_IN_LINK}", timeout=WAIT)
    expect(page).to_have_url(re.compile(r"\?photo=own$"), timeout=WAIT)
    set_number(page, "place-x", 20)
    expect(page).to_have_url(re.compile(r"x=20"), timeout=WAIT)

    query = urlsplit(page.url).query
    for _ in range(2):  # a page that is reloaded reads the address that it wrote
        other = visit(query)
        expect(other.get_by_text("A link leaves its maker's own photo out")).to_be_visible(timeout=WAIT)
        expect(other.locator("#photo img")).to_have_count(0)
        expect(other.locator("#photo-bar")).to_contain_text("No photo yet")
        expect_place(other, 20)
        other.wait_for_function("window.declossRestored")
        other.wait_for_timeout(1000)
        query = urlsplit(other.url).query
        assert parse_qs(query) == {"photo": ["own"], "x": ["20"]}
    choose_example(other, "Coffee")
    expect(other.locator("#photo-note")).to_contain_text("600 × 400", timeout=WAIT)
    expect(other).to_have_url(re.compile(r"photo=coffee\.png"), timeout=WAIT)
    # And back again: with a photo of one's own the link names no example any more.
    upload(other, tmp_path / "mine.png")
    expect(other).to_have_url(re.compile(r"photo=own"), timeout=WAIT)


def test_nonsense_in_the_address_is_ignored(visit: Callable[..., Page]) -> None:
    page = visit("x=nan&y=1e99&photo=../../etc/passwd&models=%3Cscript%3E&side=abc&tab=admin&mode=both")
    expect(page.locator("#photo-note")).to_be_attached(timeout=WAIT)
    page.wait_for_function("window.declossRestored", timeout=WAIT)
    expect_place(page, page.evaluate(DEFAULT, "place-x"))
    assert ticked(page) == page.evaluate(DEFAULT, "checkpoints")
