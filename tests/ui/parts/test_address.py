"""The page's state in its address: what is read back, what is ignored, and a person who copies a link."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser_page import WAIT, choose_checkpoints, picture
from playwright.sync_api import Page, expect
from uploads import as_upload

from decloss.files.examples import example_photos
from decloss.files.images import decode_photo
from decloss.ui.parts.address import OWN, choice, example_named
from decloss.ui.parts.controls import Several, Slider
from decloss.ui.photo.panel import REFUSED, check_photo, show_place


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
        upload = as_upload(Path(path).read_bytes())
        _, note, digest, name = check_photo(upload, "")
        assert path.endswith(name) and name and "pixels" in note
        assert np.array_equal(example_named(name), decode_photo(Path(path)).pixels)
        assert check_photo(upload, digest)[2] == digest


def test_a_file_that_is_no_photo_is_taken_out_and_shows_no_place() -> None:
    photo, note, shown, example = check_photo(as_upload(b"text"), "")
    assert photo is None and "not an image" in note and shown == REFUSED and example == OWN
    assert show_place(as_upload(b"text"), 50, 50) == (None, None) and show_place(None, 50, 50) == (None, None)


def test_a_copied_link_reopens_the_same_view(page: Page, visit: Callable[..., Page]) -> None:
    page.locator(".gallery-item, .gallery button").nth(4).click()
    expect(page.locator("#photo-note")).to_contain_text("600 × 400", timeout=WAIT)
    page.locator("#place-x input[type=number]").fill("20")
    page.locator("#place-x input[type=number]").press("Tab")
    choose_checkpoints(page, "bicubic", "tiny-a")
    page.locator("#mode label").nth(1).click()
    page.wait_for_function("['photo', 'x', 'models', 'mode'].every(k => new URLSearchParams(location.search).has(k))")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["photo"] == ["coffee.png"] and asked["x"] == ["20"] and asked["models"] == ["bicubic~tiny-a"]

    other = visit(urlsplit(page.url).query)
    expect(other.locator("#photo-note")).to_contain_text("600 × 400", timeout=WAIT)
    expect(other.locator("#place-x input[type=number]")).to_have_value("20", timeout=WAIT)
    expect(other.locator("#mode input").nth(1)).to_be_checked(timeout=WAIT)
    expect(other.locator("#place img")).to_be_visible(timeout=WAIT)
    boxes = other.locator("#checkpoints input[type=checkbox]").all()
    chosen = [box.locator("xpath=..").inner_text().strip() for box in boxes if box.is_checked()]
    assert chosen == ["bicubic", "tiny-a"]
    assert np.array_equal(picture(other, "#place img"), picture(page, "#place img"))


def test_nonsense_in_the_address_is_ignored(visit: Callable[..., Page]) -> None:
    page = visit("x=nan&y=1e99&photo=../../etc/passwd&models=%3Cscript%3E&side=abc&tab=admin&mode=both")
    expect(page.locator("#photo-note")).to_be_attached(timeout=WAIT)
    expect(page.locator("#place img")).to_be_visible(timeout=WAIT)
    assert page.locator("#place-x input[type=number]").input_value() == "50"
    assert all(box.is_checked() for box in page.locator("#checkpoints input[type=checkbox]").all())
