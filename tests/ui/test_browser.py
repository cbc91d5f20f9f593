"""A person compares at the page, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_page import WAIT, choose_checkpoints, choose_example, expect_to_fit, run, set_number, unfold, upload
from conftest import sample_photo, visits
from PIL import Image
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "photo.png"
    Image.fromarray(sample_photo(160, 240)).save(path)
    return path


@pytest.fixture(scope="module")
def compared(browser: Browser, app_url: str, photo: Path) -> Iterator[Page]:
    """A page where the photo was uploaded and two networks were compared: the tests look at different parts of it."""
    with visits(browser, app_url) as visit:
        page = visit()
        expect(page.locator("#run")).to_be_visible(timeout=WAIT)
        upload(page, photo)
        expect(page.locator("#photo-note")).to_contain_text("240 × 160", timeout=WAIT)
        choose_checkpoints(page, "tiny-a", "bicubic")
        run(page)
        yield page


def test_results_are_shown_and_scored(compared: Page) -> None:
    page = compared
    expect(page.get_by_text("Best in red, second best in blue")).to_be_visible()
    assert page.locator("#scores tbody tr").count() == 2
    assert page.locator("#scores .best").count() == 3 or "n/a" in page.locator("#scores").inner_text()


def test_an_example_is_ready_and_an_example_can_be_chosen(page: Page) -> None:
    choose_checkpoints(page, "bicubic")
    run(page)
    expect(page.locator("#status")).to_contain_text("640 × 424")
    choose_example(page, "Chelsea")
    expect(page.locator("#photo-note")).to_contain_text("451 × 300", timeout=WAIT)
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("448 × 300", timeout=WAIT)


def test_stop_ends_a_run_and_keeps_what_is_there(page: Page, tmp_path: Path) -> None:
    Image.fromarray(sample_photo(256, 256)).save(tmp_path / "large.png")
    upload(page, tmp_path / "large.png")
    page.locator("#mode label").nth(1).click()
    unfold(page.get_by_role("button", name="Which part of the photo"))
    expect(page.locator("#side input[type=number]")).to_have_value("1024", timeout=WAIT)
    set_number(page, "side", 2048)
    choose_checkpoints(page, "bicubic", "edsr-l1", "tiny-a", "tiny-b")
    page.click("#run")
    expect(page.locator("#status")).to_contain_text("edsr-l1 (2 of 4)", timeout=WAIT)
    expect(page.get_by_text("Without an original there is nothing to measure")).to_be_visible(timeout=WAIT)
    page.click("#stop")
    expect(page.locator("#status")).to_contain_text("Stopped", timeout=WAIT)
    expect(page.locator("#files a")).not_to_have_count(0, timeout=WAIT)
    page.wait_for_timeout(1500)  # nothing goes on behind
    expect(page.locator("#status")).to_contain_text("Stopped")
    assert "tiny-b" not in page.locator("#scores").inner_text()


def test_every_picture_has_an_alt_text_and_the_page_fits_a_phone(compared: Page) -> None:
    pictures = compared.locator("img:visible")
    assert pictures.count() > 10
    for image in pictures.all():
        # A picture that only decorates a button has an empty text, so that the button's own words are its name.
        words = image.get_attribute("alt")
        assert words is not None
        button = image.locator("xpath=ancestor::button")
        assert words.strip() or (button.count() and button.inner_text().strip())
    compared.set_viewport_size({"width": 390, "height": 1000})
    expect_to_fit(compared)
    compared.set_viewport_size({"width": 1440, "height": 1000})
